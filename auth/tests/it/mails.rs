//! What tests say and ask about mails, most of it round the API.

use auth::config::Config;
use common::id::Id;
use common::testing::{Answer, App, eventually};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::Collection;
use mongodb::bson::{DateTime, Document, doc};
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;
use crate::smtp::token_of;

/// The settings of a platform that shows its mails.
pub const MAILBOX: [(&str, &str); 2] = [("local-mailbox", "true"), ("public-url", "http://localhost:3000")];

/// The settings by which mails go to this server.
pub fn settings(smtp_url: &str) -> [(&str, &str); 3] {
    [
        ("smtp-url", smtp_url),
        ("mail-from", "Ticketing <no-reply@ticketing.dev>"),
        ("public-url", "https://ticketing.dev"),
    ]
}

/// From now on mails go to this server.
pub fn send_to(smtp_url: &str) -> impl FnOnce(&mut Config) {
    let smtp_url = smtp_url.parse().ok();
    move |config| {
        config.mail.smtp_url = smtp_url;
        config.mail.mail_from = "no-reply@ticketing.dev".to_owned();
        config.mail.public_url = "https://ticketing.dev".to_owned();
    }
}

impl TestApp {
    pub async fn verify(&self, token: &str) -> Answer {
        self.app.post(None, "/api/users/verify", json!({"token": token})).await
    }

    /// Somebody has forgotten the password of this address.
    pub async fn forgot(&self, email: &str) -> Answer {
        self.app.post(None, "/api/users/reset", json!({"email": email})).await
    }

    /// Somebody opens the link and sets a password.
    pub async fn reset(&self, token: &str, password: &str) -> Answer {
        self.app.post(None, "/api/users/reset", json!({"token": token, "newPassword": password})).await
    }

    /// Waits until the local mailbox holds a mail for this address with this subject; returns the newest one's text.
    pub async fn read_mail(&self, to: &str, subject: &str) -> String {
        eventually(&format!("{to} gets {subject:?}"), async || {
            let mails = self.app.get(None, "/api/users/mails").await.expect(200).body;
            let mails = mails.as_array().unwrap();
            let mail = mails.iter().find(|mail| mail["to"] == to && mail["subject"] == subject)?;
            Some(mail["text"].as_str().unwrap().to_owned())
        })
        .await
    }

    /// The token of a mail other than that with this token.
    pub async fn read_new_mail(&self, to: &str, subject: &str, old: &str) -> String {
        eventually(&format!("{to} gets another {subject:?}"), async || {
            Some(token_of(&self.read_mail(to, subject).await)).filter(|token| token != old)
        })
        .await
    }

    pub async fn resend(&self, cookie: &str) -> Answer {
        App::send(self.app.request(Method::POST, "/api/users/verify/resend").header("cookie", cookie)).await
    }

    /// Signs up and proves the address by the local mailbox.
    pub async fn sign_up_proven(&self, email: &str, password: &str) -> Answer {
        let answer = self.sign_up(email, password).await.expect(201);
        let token = token_of(&self.read_mail(email, "Is this your address?").await);
        self.verify(&token).await.expect(200);
        answer
    }

    fn db_mails_collection(&self) -> Collection<Document> {
        self.database.collection("mails")
    }

    /// The mails that match.
    pub async fn db_mails(&self, filter: Document) -> Vec<Document> {
        let of_mails = doc! {"$and": [filter, {"about": {"$exists": true}}]};
        self.db_mails_collection().find(of_mails).await.unwrap().try_collect().await.unwrap()
    }

    pub async fn db_set_mails(&self, fields: Document) {
        let mails = doc! {"about": {"$exists": true}};
        self.db_mails_collection().update_many(mails, doc! {"$set": fields}).await.unwrap();
    }

    /// As if there were receipts since then.
    pub async fn db_receipts_since(&self, since: Timestamp) {
        let set = doc! {"$set": {"since": DateTime::from_millis(since.millis())}};
        self.db_mails_collection().update_one(doc! {"_id": "receipts"}, set).await.unwrap();
    }

    /// Waits until no mail is left to be sent.
    pub async fn db_all_mails_done(&self) {
        eventually("every mail is done with", async || {
            self.db_mails(doc! {"next": {"$exists": true}}).await.is_empty().then_some(())
        })
        .await;
    }

    /// Waits until a mail was tried so often, and is neither sent nor being sent.
    pub async fn db_mail_tried(&self, tries: i32) -> Document {
        eventually("the mail was tried", async || self.db_mails(doc! {"next.tries": tries}).await.pop()).await
    }

    pub async fn db_set_links(&self, fields: Document) {
        let set: Document = fields.into_iter().map(|(name, value)| (format!("links.$[].{name}"), value)).collect();
        let linked = doc! {"links": {"$exists": true}};
        self.db_mails_collection().update_many(linked, doc! {"$set": set}).await.unwrap();
    }

    /// As if every mail had been asked for long ago: the next one is not taken for the same.
    pub async fn db_forget_reasons(&self) {
        self.db_all_mails_done().await;
        for mut mail in self.db_mails(doc! {}).await {
            let id = mail.insert("_id", Id::generate().to_string()).unwrap();
            self.db_mails_collection().delete_one(doc! {"_id": id}).await.unwrap();
            self.db_mails_collection().insert_one(mail).await.unwrap();
        }
    }

    /// The pause before the next attempt is over.
    pub async fn db_make_mails_due(&self) {
        let waiting = doc! {"next.at": {"$exists": true}};
        let due = doc! {"$set": {"next.at": DateTime::from_millis(1)}};
        self.db_mails_collection().update_many(waiting, due).await.unwrap();
    }
}
