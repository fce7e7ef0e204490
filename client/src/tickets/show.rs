//! `GET /tickets/{id}`

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use common::api::{OrderBody, OrderStatus, TicketBody};
use common::extract::PathId;
use common::id::Id;
use common::timestamp::Timestamp;
use leptos::prelude::*;

use super::gone::gone_page;
use super::offer::{Offer, about};
use super::read;
use super::similar::{Missed, similar, similar_view};
use crate::assets::SUBMIT_ONCE;
use crate::card::{Notice, Tone};
use crate::events::linked_data::ticket_data;
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::next::Next;
use crate::page::{Head, Page, Session};
use crate::visitor::Visitor;

/// `GET /tickets/{id}`: a ticket to buy, or who holds it.
pub async fn page(visitor: Visitor, PathId(id): PathId) -> Result<Response, Failure> {
    match read(&visitor, id).await {
        Ok(ticket) => Ok(ticket_page(&visitor, ticket, Refusal::default(), None).await.into_response()),
        Err(Failure::NotFound) => {
            let missed = Missed { id: Some(id), ..Missed::default() };
            Ok(gone_page(&visitor, &missed).await.into_response())
        }
        Err(failure) => Err(failure),
    }
}

/// The same for two versions of a ticket that say and cost the same.
pub fn fingerprint(ticket: &TicketBody) -> String {
    let mut hasher = DefaultHasher::new();
    let details = serde_json::to_string(&ticket.details).unwrap_or_default();
    (&ticket.title, ticket.price, details).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The ticket's page for this visitor. `changed` says what is new since the visitor looked at it.
pub async fn ticket_page(visitor: &Visitor, ticket: TicketBody, refusal: Refusal, changed: Option<String>) -> Page {
    let language = visitor.language();
    let outcome = refusal.outcome();
    let refusal = refusal.in_form(language, &[]);
    let messages = if changed.is_some() { Vec::new() } else { refusal.about_all_but(&[]) };
    let standing = Standing::of(visitor, &ticket, Timestamp::now()).await;
    let similar = match standing {
        Standing::Taken | Standing::Begun => Some(similar_view(similar(visitor, &Missed::of(&ticket)).await, language)),
        _ => None,
    };
    let offer = Offer::of(&ticket);
    let head = head(visitor, &ticket, standing);
    let content = view! {
        <article class="split ticket">
            <div>
                {offer.banner(language)}
                <h1>{ticket.title.clone()}</h1>
                {offer.when_and_where(language, Timestamp::now())}
                {offer.facts(language)}
                {others(&ticket, language)}
            </div>
            <aside class="panel">
                {changed.map(|changed| view! { <div role="alert"><Notice tone=Tone::Warn><p>{changed}</p></Notice></div> })}
                <Summary messages=messages />
                {offer.prices(language)}
                {standing.view(&ticket, language)}
                {offer.delivery(language)}
            </aside>
        </article>
        {similar}
        {report(visitor, &ticket, language)}
    };
    visitor.page(ticket.title.clone(), content).outcome(outcome).head(head).script(&SUBMIT_ONCE).wide()
}

/// What others are told of the ticket: of one that is taken, only that it is there.
fn head(visitor: &Visitor, ticket: &TicketBody, standing: Standing) -> Head {
    let is_on_sale = matches!(standing, Standing::OnSale | Standing::SignInFirst | Standing::Own);
    let (language, path) = (visitor.language(), format!("/tickets/{}", ticket.id));
    let data = ticket_data(ticket, &format!("{}{path}", visitor.origin()), visitor.origin(), is_on_sale);
    let about = about(&ticket.title, &ticket.details, language);
    let price = language.money(ticket.price);
    let head = Head::at(path).description(t!(language, "ticket-description", about = about, price = price));
    let head = head.linked_data(data);
    if is_on_sale { head } else { head.hidden() }
}

/// What the ticket is to the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It can be ordered.
    OnSale,
    /// It can be ordered by somebody who is signed in.
    SignInFirst,
    /// The visitor's own, and for sale.
    Own,
    /// The visitor's own, and somebody has ordered it.
    OwnTaken,
    /// The visitor has ordered it.
    Ordered(Id, OrderStatus),
    /// Somebody else has ordered it.
    Taken,
    /// Its event has begun.
    Begun,
}

impl Standing {
    async fn of(visitor: &Visitor, ticket: &TicketBody, now: Timestamp) -> Self {
        let is_seller = visitor.is(ticket.user_id);
        match ticket.order_id {
            Some(_) if is_seller => Self::OwnTaken,
            Some(order) => match own_order(visitor, order).await {
                Some(status) => Self::Ordered(order, status),
                None => Self::Taken,
            },
            None if is_seller => Self::Own,
            None if ticket.details.has_begun(now) => Self::Begun,
            None if *visitor.session() == Session::Nobody => Self::SignInFirst,
            None => Self::OnSale,
        }
    }

    /// What the visitor can do with it.
    fn view(self, ticket: &TicketBody, language: Language) -> AnyView {
        match self {
            Self::OnSale => buy_form(ticket, language),
            Self::SignInFirst => sign_in(ticket, language),
            Self::Own => own(ticket, language),
            Self::OwnTaken => own_taken(ticket, language),
            Self::Ordered(order, status) => ordered(order, status, language),
            Self::Taken => state(Tone::Warn, t!(language, "ticket-taken")),
            Self::Begun => state(Tone::Plain, t!(language, "ticket-begun")),
        }
    }
}

/// The status of an order that is the visitor's. The orders service shows it to nobody else, and while it is unavailable
/// the ticket is still not for sale.
async fn own_order(visitor: &Visitor, order: Id) -> Option<OrderStatus> {
    if *visitor.session() == Session::Nobody {
        return None;
    }
    let call = visitor.call(Method::GET, Service::Orders, &format!("/api/orders/{order}"));
    let order = call.read::<OrderBody>().await.ok()?;
    visitor.is(order.user_id).then_some(order.status)
}

/// It says which version the buyer saw, and what else is needed to say what has changed, or to find others.
fn buy_form(ticket: &TicketBody, language: Language) -> AnyView {
    let hidden = [
        ("version", ticket.version.to_string()),
        ("title", ticket.title.clone()),
        ("cents", ticket.price.cents().to_string()),
        ("event", ticket.event.map(|event| event.to_string()).unwrap_or_default()),
        ("city", ticket.details.city.clone().unwrap_or_default()),
        ("facts", fingerprint(ticket)),
    ];
    let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    let busy = t!(language, "ticket-buying");
    view! {
        <form method="post" action=format!("/tickets/{}/buy", ticket.id)>
            {hidden.into_iter().collect_view()}
            <submit-once busy=busy><button class="big">{t!(language, "ticket-buy")}</button></submit-once>
        </form>
        <p class="small faint">{t!(language, "ticket-buy-about")}</p>
    }
    .into_any()
}

fn sign_in(ticket: &TicketBody, language: Language) -> AnyView {
    let here = Next::parse(&format!("/tickets/{}", ticket.id));
    view! {
        <p><a class="button big" href=here.after("/auth/signin")>{t!(language, "ticket-sign-in")}</a></p>
        <p class="small faint">
            {t!(language, "ticket-new-here")} " "
            <a href=here.after("/auth/signup")>{t!(language, "ticket-sign-up")}</a>
        </p>
    }
    .into_any()
}

fn own(ticket: &TicketBody, language: Language) -> AnyView {
    let path = format!("/tickets/{}", ticket.id);
    let has_begun = ticket.details.has_begun(Timestamp::now());
    let (tone, words) = match has_begun {
        true => (Tone::Plain, t!(language, "ticket-own-begun")),
        false => (Tone::Good, t!(language, "ticket-own")),
    };
    view! {
        {state(tone, words)}
        <div class="actions">
            <a class="button" href=format!("{path}/edit")>{t!(language, "ticket-edit")}</a>
            <a class="button quiet" href=format!("{path}/file")>{file_words(ticket, language)}</a>
            <a class="button quiet" href=format!("{path}/withdraw")>{t!(language, "ticket-withdraw")}</a>
        </div>
    }
    .into_any()
}

fn own_taken(ticket: &TicketBody, language: Language) -> AnyView {
    view! {
        {state(Tone::Warn, t!(language, "ticket-own-taken"))}
        <div class="actions">
            <a class="button quiet" href=format!("/tickets/{}/file", ticket.id)>{file_words(ticket, language)}</a>
            <a class="button quiet" href="/selling">{t!(language, "ticket-selling")}</a>
        </div>
    }
    .into_any()
}

fn file_words(ticket: &TicketBody, language: Language) -> String {
    if ticket.has_file { t!(language, "ticket-file") } else { t!(language, "ticket-add-file") }
}

fn ordered(order: Id, status: OrderStatus, language: Language) -> AnyView {
    let (tone, words, button) = match status {
        OrderStatus::Complete => (Tone::Good, t!(language, "ticket-bought"), t!(language, "ticket-order")),
        _ => (Tone::Warn, t!(language, "ticket-reserved"), t!(language, "ticket-pay")),
    };
    view! {
        {state(tone, words)}
        <p><a class="button big" href=format!("/orders/{order}")>{button}</a></p>
    }
    .into_any()
}

fn state(tone: Tone, words: String) -> AnyView {
    view! { <Notice tone><p class="state">{words}</p></Notice> }.into_any()
}

/// Where the other listings of its event are.
fn others(ticket: &TicketBody, language: Language) -> Option<impl IntoView + use<>> {
    let event = ticket.event?;
    Some(view! {
        <p>
            <a class="line" href=format!("/events/{event}")>
                <Icon shape=Shape::TICKET /> {t!(language, "ticket-others")}
            </a>
        </p>
    })
}

fn report(visitor: &Visitor, ticket: &TicketBody, language: Language) -> Option<impl IntoView + use<>> {
    (!visitor.is(ticket.user_id)).then(|| {
        view! {
            <p class="small no-print">
                <a class="line faint" href=format!("/tickets/{}/report", ticket.id)>
                    <Icon shape=Shape::FLAG /> {t!(language, "ticket-report")}
                </a>
            </p>
        }
    })
}
