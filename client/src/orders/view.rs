//! What an order's page shows: how far it is, what to do now, and what was ordered.

mod ended;
mod paid;
mod payable;
mod receipt;
mod steps;
mod summary;

use leptos::prelude::*;

use self::ended::ended;
use self::paid::paid;
use self::payable::payable;
use self::steps::Steps;
use self::summary::Summary;
use super::note::Refused;
use super::shown::Shown;
use super::standing::Standing;
use crate::card::{Notice, Tone};
use crate::failure;
use crate::language::{Language, t};
use crate::tickets::similar::similar_view;
use crate::visitor::Visitor;

/// The whole content. What is inside `<order-live>` is replaced when the order changes while somebody looks.
pub fn order_view(buyer: &Visitor, shown: &Shown, refused: &Refused) -> AnyView {
    let language = buyer.language();
    let order = &shown.order;
    let ended = matches!(shown.standing, Standing::Cancelled(_));
    view! {
        <order-live
            events=format!("/api/orders/{}/live", order.id)
            version=order.version
            state=shown.word()
            again=shown.again().map(|again| again.as_secs().to_string())
        >
            <div class="head">
                <h1>{order.ticket.title.clone()}</h1>
                <p class="lead">{t!(language, "order-number", number = order.id.to_string())}</p>
            </div>
            <Steps language standing=shown.standing has_file=shown.has_file() />
            <div class="split order">
                <div>{state(buyer, shown, refused)}</div>
                <aside>
                    <Summary language shown />
                </aside>
            </div>
            {ended.then(|| similar_view(shown.similar.clone(), language))}
        </order-live>
        <p class="no-print">
            <a href="/orders">{t!(language, "order-all")}</a>
        </p>
    }
    .into_any()
}

fn state(buyer: &Visitor, shown: &Shown, refused: &Refused) -> AnyView {
    let language = buyer.language();
    let refusal = refused.refusal().in_form(language, &[]);
    let messages = refusal.about_all_but(&[]);
    if let Standing::Payable(left) = shown.standing {
        return payable(buyer, &shown.order, left, &refused.token, &messages);
    }
    let state = match shown.standing {
        Standing::Payable(_) | Standing::Completing(_) => {
            waiting(language, t!(language, "order-completing-heading"), t!(language, "order-completing"))
        }
        Standing::Expiring(_) => {
            waiting(language, t!(language, "order-expiring-heading"), t!(language, "order-expiring"))
        }
        Standing::Complete | Standing::Refunded(_) => paid(buyer, shown),
        Standing::Cancelled(how) => ended(language, shown, how),
    };
    view! { <failure::Summary messages /> {state} }.into_any()
}

/// Something is about to happen by itself.
fn waiting(language: Language, heading: String, text: String) -> AnyView {
    view! {
        <section class="panel">
            {heading_view(heading)}
            <Notice tone=Tone::Plain>
                <p>{text}</p>
            </Notice>
            <p class="no-print">
                <small class="faint">{t!(language, "order-updates-itself")}</small>
            </p>
        </section>
    }
    .into_any()
}

/// The heading of the state. It takes the focus, and is read out, when the state has changed by itself.
fn heading_view(text: String) -> AnyView {
    view! { <h2 data-state tabindex="-1">{text}</h2> }.into_any()
}
