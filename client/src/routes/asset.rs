//! `GET /assets/{file}`

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::assets::Asset;
use crate::failure::Failure;
use crate::page::NO_SNIFF;

/// `GET /assets/{file}`: a stylesheet, a script, the icon.
pub async fn file(Path(file): Path<String>) -> Result<Response, Failure> {
    let asset = Asset::find(&file).ok_or(Failure::NotFound)?;
    let is_current = asset.path.strip_prefix("/assets/") == Some(&file);
    let keep = if is_current { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, keep)];
    Ok((headers, [NO_SNIFF], asset.content).into_response())
}
