//! `GET /terms` and `GET /privacy`

use axum::extract::State;
use leptos::prelude::*;

use super::prose::{Block, blocks};
use crate::language::t;
use crate::page::{Head, Page};
use crate::state::Client;
use crate::visitor::Visitor;

/// `GET /terms`: on which terms the site is used, as its operator says.
pub async fn terms(State(client): State<Client>, visitor: Visitor) -> Page {
    let language = visitor.language();
    let text = client.terms().map_or_else(|| t!(language, "terms-text"), str::to_owned);
    prose(&visitor, "/terms", t!(language, "frame-terms"), &text)
}

/// `GET /privacy`: what becomes of personal data, as the operator says.
pub async fn privacy(State(client): State<Client>, visitor: Visitor) -> Page {
    let language = visitor.language();
    let text = client.privacy().map_or_else(|| t!(language, "privacy-text"), str::to_owned);
    prose(&visitor, "/privacy", t!(language, "frame-privacy"), &text)
}

/// A page with this text. Its title is that of the text, if it has one.
fn prose(visitor: &Visitor, path: &'static str, name: String, text: &str) -> Page {
    let mut blocks = blocks(text);
    if !blocks.iter().any(|block| matches!(block, Block::Title(_))) {
        blocks.insert(0, Block::Title(name.clone()));
    }
    let title =
        blocks.iter().find_map(|block| if let Block::Title(title) = block { Some(title.clone()) } else { None });
    let content = blocks.into_iter().map(Block::view).collect_view();
    visitor.page(title.unwrap_or(name), view! { <div class="prose">{content}</div> }).head(Head::at(path))
}
