//! `GET /mailbox`: the mails of a platform on one machine, which sends none. Elsewhere there is no such page.

use axum::http::Method;
use common::api::MailBody;
use leptos::prelude::*;

use crate::assets::LOCAL_TIME;
use crate::card::{Moment, Notice, Tone};
use crate::failure::{Failure, Service};
use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::page::Page;
use crate::visitor::Visitor;

/// `GET /mailbox`: every mail, newest first.
pub async fn page(visitor: Visitor) -> Result<Page, Failure> {
    let language = visitor.language();
    let mails: Vec<MailBody> = visitor.call(Method::GET, Service::Auth, "/api/users/mails").read().await?;
    let heading = t!(language, "mailbox-heading");
    let list = match mails.is_empty() {
        true => nothing(language),
        false => mails.into_iter().map(|mail| entry(mail, language)).collect_view().into_any(),
    };
    let content = view! {
        <h1>{heading.clone()}</h1>
        <Notice tone=Tone::Warn>
            <p>{t!(language, "mailbox-about")}</p>
        </Notice>
        {list}
    };
    Ok(visitor.page(heading, content).script(&LOCAL_TIME).secret())
}

fn nothing(language: Language) -> AnyView {
    view! {
        <div class="empty">
            <Icon shape=Shape::MAIL />
            <p>{t!(language, "mailbox-nothing")}</p>
        </div>
    }
    .into_any()
}

fn entry(mail: MailBody, language: Language) -> AnyView {
    view! {
        <article class="panel">
            <h2>{mail.subject}</h2>
            <p class="small faint">
                {t!(language, "mailbox-to", email = mail.to)} " · " <Moment language time=mail.sent_at />
            </p>
            <p class="letter">{words(&mail.text)}</p>
        </article>
    }
    .into_any()
}

/// The text of a mail, in which addresses are links.
fn words(text: &str) -> AnyView {
    let word = |word: &str| {
        let address = word.trim_end();
        let is_address = ["http://", "https://", "/"].iter().any(|start| {
            address
                .strip_prefix(start)
                .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphanumeric()))
        });
        if is_address {
            let rest = word[address.len()..].to_owned();
            view! { <a href=address.to_owned()>{address.to_owned()}</a> {rest} }.into_any()
        } else {
            word.to_owned().into_any()
        }
    };
    text.split_inclusive(char::is_whitespace).map(word).collect_view().into_any()
}

#[cfg(test)]
mod tests {
    use leptos::prelude::*;

    use super::words;

    #[test]
    fn the_addresses_in_a_mail_are_links_and_nothing_else_is() {
        let html =
            words("Press http://localhost:3000/verify?token=a\nor <b>/orders</b>, and/or //x javascript:a").to_html();
        let html = html.replace("<!>", "");
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert!(html.contains("href=\"http://localhost:3000/verify?token=a\""), "{html}");
        assert!(html.contains("&lt;b&gt;/orders"), "{html}");
    }
}
