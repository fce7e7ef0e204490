//! The stylesheet, the icon and the scripts, built into the program.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use common::error::ApiError;

/// A file under `/assets`. Its name changes with its content, so a browser may keep it for ever.
pub struct Asset {
    /// `/assets/style.1a2b3c4d5e6f7081.css`
    pub path: String,
    media_type: &'static str,
    content: &'static str,
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

/// Leads a buyer through the confirmation of their bank.
pub static CONFIRM_PAYMENT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("confirm-payment", "js", "text/javascript; charset=utf-8", include_str!("../assets/confirm-payment.js"))
});

/// Loads Stripe's own script. The other scripts import it by its name alone, so browsers ask again for it.
static STRIPE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("stripe", "js", "text/javascript; charset=utf-8", include_str!("../assets/stripe.js")));

impl Asset {
    fn new(stem: &'static str, extension: &str, media_type: &'static str, content: &'static str) -> Self {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        Self { path: format!("/assets/{stem}.{:016x}.{extension}", hasher.finish()), media_type, content, stem }
    }
}

/// `GET /assets/{file}`: the asset with this name, whatever its hash. While one version of the client replaces another, a
/// page of one may ask the other for its style.
pub async fn file(Path(file): Path<String>) -> Result<Response, ApiError> {
    let stem = file.split('.').next();
    let mut assets = [&STYLE, &ICON, &TIME_LEFT, &CARD_FORM, &CONFIRM_PAYMENT, &STRIPE].into_iter();
    let asset = assets.find(|asset| stem == Some(asset.stem)).ok_or(ApiError::NotFound)?;
    let is_current = asset.path.strip_prefix("/assets/") == Some(&file);
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, if is_current { "public, max-age=31536000, immutable" } else { "no-cache" }),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, asset.content).into_response())
}
