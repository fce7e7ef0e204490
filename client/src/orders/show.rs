//! `GET /orders/{id}`

use axum::response::{IntoResponse, Response};
use common::extract::PathId;
use leptos::prelude::*;

use super::note::{self, REFUSED, Refused};
use super::path;
use super::shown::Shown;
use super::standing::Standing;
use super::view::order_view;
use crate::assets::{CARD_FORM, LOCAL_TIME, ORDER_LIVE, PRINT_PAGE, SUBMIT_ONCE, TIME_LEFT};
use crate::failure::Failure;
use crate::page::{Page, Session};
use crate::visitor::{SignedIn, Visitor};

/// `GET /orders/{id}`: an order to pay, or how it ended. Only its buyer sees it here.
pub async fn page(SignedIn(buyer): SignedIn, PathId(id): PathId) -> Result<Response, Failure> {
    let shown = Shown::read(&buyer, id).await?;
    if !buyer.is(shown.order.user_id) && *buyer.session() != Session::Unknown {
        return Err(Failure::NotAuthorized);
    }
    let refused: Option<Refused> = note::read(&buyer, REFUSED);
    let once = refused.as_ref().map(|_| note::end(&buyer, id, REFUSED));
    let content = order_view(&buyer, &shown, &refused.unwrap_or_default());
    Ok((once, with_scripts(&buyer, &shown, content)).into_response())
}

fn with_scripts(buyer: &Visitor, shown: &Shown, content: AnyView) -> Page {
    let mut page = buyer.page(super::title(buyer.language(), &shown.order), content).wide();
    for script in [&ORDER_LIVE, &TIME_LEFT, &LOCAL_TIME, &SUBMIT_ONCE, &PRINT_PAGE] {
        page = page.script(script);
    }
    if matches!(shown.standing, Standing::Payable(_)) && buyer.stripe_key().is_some() {
        page = page.script(&CARD_FORM).with_stripe();
    }
    page.refresh(shown.standing.lasts(), &path(shown.order.id))
}
