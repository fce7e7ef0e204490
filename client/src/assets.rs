//! The files beside the pages, built into the program.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

/// A file under `/assets`. Its name changes with its content, so a browser may keep it for ever.
pub struct Asset {
    /// `/assets/style.1a2b3c4d5e6f7081.css`
    pub path: String,
    /// The media type.
    pub media_type: &'static str,
    /// The content.
    pub content: &'static str,
    stem: &'static str,
}

/// The stylesheet of every page.
pub static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", "text/css; charset=utf-8", include_str!("../assets/style.css")));

/// The icon in a browser's tab.
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("../assets/icon.svg")));

/// Counts an order's time down.
pub static TIME_LEFT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("time-left", "js", "text/javascript; charset=utf-8", include_str!("../assets/time-left.js"))
});

/// Stripe's card form.
pub static CARD_FORM: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("card-form", "js", "text/javascript; charset=utf-8", include_str!("../assets/card-form.js"))
});

impl Asset {
    fn new(stem: &'static str, extension: &str, media_type: &'static str, content: &'static str) -> Self {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        Self { path: format!("/assets/{stem}.{:016x}.{extension}", hasher.finish()), media_type, content, stem }
    }

    /// The asset with this file name, whatever its hash: while one version replaces another, a page of the one may be styled
    /// by the other.
    pub fn find(file: &str) -> Option<&'static Self> {
        let stem = file.split('.').next()?;
        [&STYLE, &ICON, &TIME_LEFT, &CARD_FORM].into_iter().map(|asset| &**asset).find(|asset| asset.stem == stem)
    }
}
