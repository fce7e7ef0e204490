//! `GET /sitemap.xml`

use axum::http::Method;
use axum::response::Response;
use common::api::EventBody;

use super::xml::{document, element};
use crate::failure::{Failure, Service};
use crate::list::{Begin, Cursor, next_cursor};
use crate::visitor::Visitor;

/// How many events are on one page: as many as the tickets service gives at once.
const EVENTS: usize = 200;

/// The most pages of the index. Together they have fewer addresses than one sitemap may have.
const MOST_PAGES: usize = 240;

/// The pages that are always there.
const PAGES: [&str; 3] = ["/", "/terms", "/privacy"];

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
const MEDIA_TYPE: &str = "application/xml; charset=utf-8";

/// `GET /sitemap.xml`: the index of the sitemaps. `?after=` is one of them: the events that follow this one, and with `?after=start` the
/// first ones and the pages that are always there.
pub async fn file(visitor: Visitor, begin: Begin) -> Result<Response, Failure> {
    match begin.after {
        None => index(&visitor).await,
        Some(Cursor::Start) => page(&visitor, None).await,
        Some(Cursor::At(after)) => page(&visitor, Some(after)).await,
    }
}

/// Where each page begins, which only the end of the one before says.
async fn index(visitor: &Visitor) -> Result<Response, Failure> {
    let origin = visitor.origin();
    let mut sitemaps = String::new();
    let mut after = Some("start".to_owned());
    for page in 0..MOST_PAGES {
        let Some(first) = after else { break };
        sitemaps.push_str(&format!(
            "<sitemap>{}</sitemap>",
            element("loc", &format!("{origin}/sitemap.xml?after={first}"))
        ));
        after = read(visitor, (page > 0).then_some(first.as_str())).await?.1;
    }
    Ok(document(MEDIA_TYPE, &format!("<sitemapindex xmlns=\"{NAMESPACE}\">{sitemaps}</sitemapindex>")))
}

async fn page(visitor: &Visitor, after: Option<String>) -> Result<Response, Failure> {
    let (events, _) = read(visitor, after.as_deref()).await?;
    let always = if after.is_none() { PAGES.map(str::to_owned).to_vec() } else { Vec::new() };
    let paths = always.into_iter().chain(events.iter().map(|event| format!("/events/{}", event.key)));
    let origin = visitor.origin();
    let urls: String = paths.map(|path| format!("<url>{}</url>", element("loc", &format!("{origin}{path}")))).collect();
    Ok(document(MEDIA_TYPE, &format!("<urlset xmlns=\"{NAMESPACE}\">{urls}</urlset>")))
}

/// Events, and the cursor of those that follow.
async fn read(visitor: &Visitor, after: Option<&str>) -> Result<(Vec<EventBody>, Option<String>), Failure> {
    let after = after.map(|after| format!("&after={after}")).unwrap_or_default();
    let call = visitor.call(Method::GET, Service::Tickets, &format!("/api/tickets/events?limit={EVENTS}{after}"));
    let (headers, events) = call.read_with_headers().await?;
    Ok((events, next_cursor(&headers)))
}
