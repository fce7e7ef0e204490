//! Somebody who uses the platform's API.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::id::Id;
use mongodb::bson::oid::ObjectId;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::site::Site;

const PASSWORD: &str = "correct horse";

/// Signing up is limited, by auth (429) and by ingress-nginx (which says 503): who is told so tries again for as long.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_secs(3);

/// What the platform answered.
#[derive(Debug)]
pub struct Answer {
    /// The status code; 0 stands for no answer at all.
    pub status: u16,
    /// The body as JSON, or as a text if it is none; without an answer the reason.
    pub body: Value,
}

impl Answer {
    /// The body, if this is the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Fails unless it is a refusal in these words.
    #[track_caller]
    pub fn expect_refusal(self, message: &str) {
        assert_eq!((self.status, &self.body["errors"][0]["message"]), (400, &json!(message)));
    }
}

/// A signed-in person. A clone is the same person in the same session.
#[derive(Clone)]
pub struct Person {
    site: Site,
    email: String,
    cookie: Arc<Mutex<String>>,
}

impl Person {
    /// Somebody new.
    pub async fn sign_up(site: &Site) -> Self {
        let email = format!("person-{}@example.com", new_id());
        let person = Self { site: site.clone(), email, cookie: Arc::default() };
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = person.post("/api/users/signup", person.credentials()).await;
            if ![429, 503].contains(&answer.status) || Instant::now() > until {
                answer.expect(201);
                return person;
            }
            sleep(PAUSE).await;
        }
    }

    /// Begins another session.
    pub async fn sign_in(&self) -> Answer {
        self.post("/api/users/signin", self.credentials()).await
    }

    fn credentials(&self) -> Value {
        json!({"email": self.email, "password": PASSWORD})
    }

    /// The session's cookie, name and value.
    pub fn cookie(&self) -> String {
        self.cookie.lock().unwrap().clone()
    }

    /// `GET`
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    /// `POST` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// `PUT` with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, Some(body)).await
    }

    /// `DELETE`
    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, None).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.site.http().request(method, self.site.url(path)).header(COOKIE, self.cookie());
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Answer { status: 0, body: reason(&error).into() },
        };
        let set = response.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok()?.split(';').next());
        if let Some(cookie) = set {
            *self.cookie.lock().unwrap() = cookie.to_owned();
        }
        let status = response.status().as_u16();
        match response.bytes().await {
            Ok(body) => Answer { status, body: json_or_text(&body) },
            Err(error) => Answer { status: 0, body: reason(&error).into() },
        }
    }

    /// Offers a ticket; its id.
    pub async fn offer(&self, title: &str, price: f64) -> String {
        id(&self.post("/api/tickets", json!({"title": title, "price": price})).await.expect(201))
    }

    /// Orders a ticket.
    pub async fn order(&self, ticket: &str) -> Answer {
        self.post("/api/orders", json!({"ticketId": ticket})).await
    }

    /// Pays for an order.
    pub async fn pay(&self, order: &str, token: &str) -> Answer {
        self.post("/api/payments", json!({"orderId": order, "token": token})).await
    }

    /// The order that holds a ticket.
    pub async fn holder(&self, ticket: &str) -> Option<String> {
        let ticket = self.get(&format!("/api/tickets/{ticket}")).await.expect(200);
        ticket["orderId"].as_str().map(str::to_owned)
    }

    /// Where an order stands.
    pub async fn order_status(&self, order: &str) -> String {
        self.get(&format!("/api/orders/{order}")).await.expect(200)["status"].as_str().unwrap().to_owned()
    }

    /// Whether a ticket is on the first page of the list.
    pub async fn sees_for_sale(&self, ticket: &str) -> bool {
        let list = self.get("/api/tickets").await.expect(200);
        list.as_array().unwrap().iter().any(|entry| entry["id"] == ticket)
    }
}

/// An id that nothing else has.
pub fn new_id() -> Id {
    Id::from_bytes(ObjectId::new().bytes())
}

/// The id in a body.
pub fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}

fn json_or_text(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into())
}

/// The innermost cause says most.
fn reason(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), reason)
}
