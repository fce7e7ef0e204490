//! `GET /auth/forgot` and `POST /auth/forgot`

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::assets::SUBMIT_ONCE;
use crate::card::{Notice, Tone};
use crate::failure::{Failure, Refusal, Service, Summary};
use crate::forms::{Field, Form};
use crate::language::t;
use crate::page::Page;
use crate::visitor::Visitor;

/// Whose password is forgotten.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Forgotten {
    email: String,
}

/// `GET /auth/forgot`: the form.
pub async fn page(visitor: Visitor) -> Page {
    form_page(&visitor, Forgotten::default(), Refusal::default())
}

/// `POST /auth/forgot`: has a link sent. The page is the same whether or not there is such an account.
pub async fn submit(visitor: Visitor, Form(forgotten): Form<Forgotten>) -> Result<Response, Failure> {
    let call = visitor.call(Method::POST, Service::Auth, "/api/users/reset").json(&forgotten);
    Ok(match call.send().await {
        Ok(_) => sent_page(&visitor, forgotten),
        Err(failure) => form_page(&visitor, forgotten, failure.refusal()?),
    }
    .into_response())
}

fn form_page(visitor: &Visitor, forgotten: Forgotten, refusal: Refusal) -> Page {
    let language = visitor.language();
    let outcome = refusal.outcome();
    let refusal = refusal.in_form(language, &["email"]);
    let heading = t!(language, "forgot-heading");
    let busy = t!(language, "forgot-sending");
    let content = view! {
        <div class="narrow">
            <div class="head">
                <h1>{heading.clone()}</h1>
                <p class="lead">{t!(language, "forgot-lead")}</p>
            </div>
            <form method="post" action="/auth/forgot" class="panel">
                <Summary messages=refusal.about_all_but(&["email"]) />
                <Field
                    name="email"
                    label=t!(language, "account-email")
                    kind="email"
                    autocomplete="username"
                    value=forgotten.email
                    focus=true
                    refusal
                />
                <submit-once busy=busy><button class="big">{t!(language, "forgot-send")}</button></submit-once>
            </form>
            <p><a href="/auth/signin">{t!(language, "forgot-back")}</a></p>
        </div>
    };
    visitor.page(heading, content).outcome(outcome).script(&SUBMIT_ONCE)
}

fn sent_page(visitor: &Visitor, forgotten: Forgotten) -> Page {
    let language = visitor.language();
    let heading = t!(language, "forgot-sent-heading");
    let content = view! {
        <div class="narrow">
            <h1>{heading.clone()}</h1>
            <Notice tone=Tone::Good>
                <p role="status">{t!(language, "forgot-sent", email = forgotten.email)}</p>
            </Notice>
            <p>{t!(language, "forgot-sent-about")}</p>
            <p><a href="/auth/signin">{t!(language, "forgot-back")}</a></p>
        </div>
    };
    visitor.page(heading, content)
}
