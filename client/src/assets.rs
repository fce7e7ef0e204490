//! The stylesheet, the images and the scripts, built into the program.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use common::error::ApiError;
use common::fresh::etag;

/// A file under `/assets`. Its name changes with its content, so a browser may keep it for ever.
pub struct Asset {
    /// `/assets/style.1a2b3c4d5e6f7081.css`
    pub path: String,
    media_type: &'static str,
    content: Bytes,
    etag: String,
    stem: &'static str,
}

/// The stylesheet of every page.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("style", "css", "text/css; charset=utf-8", minified(include_str!("../assets/style.css")))
});

/// The icon in a browser's tab.
pub static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("../assets/icon.svg")));

/// The drawings of events; see [`crate::artwork`].
pub static ART: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("art", "svg", "image/svg+xml", include_str!("../assets/art.svg")));

/// A script under `assets` with this stem.
macro_rules! script {
    ($stem:literal) => {
        LazyLock::new(|| {
            let content = include_str!(concat!("../assets/", $stem, ".js"));
            Asset::new($stem, "js", "text/javascript; charset=utf-8", content)
        })
    };
}

/// Counts an order's time down.
pub static TIME_LEFT: LazyLock<Asset> = script!("time-left");

/// Stripe's card form.
pub static CARD_FORM: LazyLock<Asset> = script!("card-form");

/// Leads a buyer through the confirmation of their bank.
pub static CONFIRM_PAYMENT: LazyLock<Asset> = script!("confirm-payment");

/// Loads Stripe's own script. Other scripts import it by its name alone, so browsers ask again for it.
static STRIPE: LazyLock<Asset> = script!("stripe");

/// The connection of elements that are kept up to date. It is imported as well.
static LIVE_ELEMENT: LazyLock<Asset> = script!("live-element");

/// Shows an instant as the clock of the device.
pub static LOCAL_TIME: LazyLock<Asset> = script!("local-time");

/// Sends a form once, however often its button is pressed.
pub static SUBMIT_ONCE: LazyLock<Asset> = script!("submit-once");

/// Keeps an order's page up to date.
pub static ORDER_LIVE: LazyLock<Asset> = script!("order-live");

/// A button that prints the page.
pub static PRINT_PAGE: LazyLock<Asset> = script!("print-page");

/// Begins with the time zone of the device.
pub static DEVICE_ZONE: LazyLock<Asset> = script!("device-zone");

/// Proposes events while one types a title.
pub static EVENT_SUGGEST: LazyLock<Asset> = script!("event-suggest");

/// Shows what a form comes to while one fills it in.
pub static LIVE_PREVIEW: LazyLock<Asset> = script!("live-preview");

/// Looks again for what changes by itself.
pub static SELF_REFRESH: LazyLock<Asset> = script!("self-refresh");

/// Says that a file is too large before it is sent.
pub static FILE_LIMIT: LazyLock<Asset> = script!("file-limit");

/// Which pages browsers may load before they are asked for. It goes by a header, because no script stands in a page.
pub static SPECULATION: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("speculation", "json", "application/speculationrules+json", include_str!("../assets/speculation.json"))
});

/// Shows the documentation of the API.
static DOCS: LazyLock<Asset> = script!("docs");

/// Keeps the listings of an event up to date.
pub static LIVE_LIST: LazyLock<Asset> = script!("live-list");

/// Every asset. One that is not listed here is not served.
static ALL: [&LazyLock<Asset>; 20] = [
    &STYLE,
    &ICON,
    &ART,
    &TIME_LEFT,
    &CARD_FORM,
    &CONFIRM_PAYMENT,
    &STRIPE,
    &LOCAL_TIME,
    &SUBMIT_ONCE,
    &ORDER_LIVE,
    &PRINT_PAGE,
    &DEVICE_ZONE,
    &EVENT_SUGGEST,
    &LIVE_PREVIEW,
    &SELF_REFRESH,
    &FILE_LIMIT,
    &SPECULATION,
    &LIVE_LIST,
    &LIVE_ELEMENT,
    &DOCS,
];

impl Asset {
    fn new(stem: &'static str, extension: &str, media_type: &'static str, content: impl Into<Bytes>) -> Self {
        let content = content.into();
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        let path = format!("/assets/{stem}.{:016x}.{extension}", hasher.finish());
        Self { path, media_type, etag: etag(&content), content, stem }
    }
}

/// A stylesheet without comments, indentation and line ends.
fn minified(style: &str) -> String {
    let uncommented: String = style
        .split("/*")
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once("*/").map_or("", |(_, rest)| rest) })
        .collect();
    let mut minified = uncommented.split_whitespace().collect::<Vec<_>>().join(" ");
    for mark in ["{", "}", ";"] {
        minified = minified.replace(&format!(" {mark}"), mark).replace(&format!("{mark} "), mark);
    }
    minified.replace(";}", "}").replace(": ", ":").replace(", ", ",")
}

/// `GET /assets/{file}`: the asset with this name, whatever its hash. While one version of the client replaces another, a
/// page of one may ask the other for its style.
pub async fn file(Path(file): Path<String>) -> Result<Response, ApiError> {
    let stem = file.split('.').next();
    let asset = ALL.into_iter().find(|asset| stem == Some(asset.stem)).ok_or(ApiError::NotFound)?;
    let is_current = asset.path.strip_prefix("/assets/") == Some(&file);
    let headers = [
        (header::ETAG, asset.etag.as_str()),
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, if is_current { "public, max-age=31536000, immutable" } else { "no-cache" }),
    ];
    Ok((headers, asset.content.clone()).into_response())
}

/// `GET /preview.png`: the picture of the site in previews of links.
pub async fn preview() -> Response {
    static PREVIEW: &[u8] = include_bytes!("../assets/preview.png");
    static TAG: LazyLock<String> = LazyLock::new(|| etag(PREVIEW));
    let headers = [
        (header::ETAG, TAG.as_str()),
        (header::CONTENT_TYPE, "image/png"),
        (header::CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, PREVIEW).into_response()
}

#[cfg(test)]
mod tests {
    use super::minified;

    #[test]
    fn a_stylesheet_loses_what_only_people_need() {
        let style = "/* Tokens; {} */\n:root {\n  --a: 1px;\n  color: red;\n}\n\n/* x */ a :hover, b > c { margin: 0 calc(1px + 2px); }\n";
        assert_eq!(minified(style), ":root{--a:1px;color:red}a :hover,b > c{margin:0 calc(1px + 2px)}");
    }
}
