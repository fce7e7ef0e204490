//! Somebody who uses the platform's API through the edge.

use std::sync::atomic::{AtomicU32, Ordering};

use infra_local::Fleet;
use reqwest::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// What the platform answered. Status 0 stands for no answer at all.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    #[track_caller]
    pub fn expect_refusal(self, message: &str) {
        assert_eq!((self.status, &self.body["errors"][0]["message"]), (400, &json!(message)));
    }
}

/// A signed-in person.
#[derive(Clone)]
pub struct Person {
    http: Client,
    url: String,
    cookie: String,
}

impl Person {
    /// Somebody new.
    pub async fn sign_up(fleet: &Fleet) -> Self {
        static PEOPLE: AtomicU32 = AtomicU32::new(0);
        let email = format!("person-{}@example.com", PEOPLE.fetch_add(1, Ordering::Relaxed));
        let http = infra_local::http::client().unwrap();
        let request = http.post(format!("{}/api/users/signup", fleet.url())).header(CONTENT_TYPE, "application/json");
        let response =
            request.body(json!({"email": email, "password": "correct horse"}).to_string()).send().await.unwrap();
        assert_eq!(response.status(), 201);
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { http, url: fleet.url(), cookie }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.ask(Method::DELETE, path, None).await
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).header(COOKIE, &self.cookie);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let Ok(response) = request.send().await else { return Answer { status: 0, body: Value::Null } };
        let status = response.status().as_u16();
        let body = response.bytes().await.unwrap_or_default();
        Answer { status, body: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }

    /// Offers a ticket; its id.
    pub async fn offer(&self, title: &str, price: f64) -> String {
        id(&self.post("/api/tickets", json!({"title": title, "price": price})).await.expect(201))
    }

    pub async fn order(&self, ticket: &str) -> Answer {
        self.post("/api/orders", json!({"ticketId": ticket})).await
    }

    pub async fn pay(&self, order: &str, token: &str) -> Answer {
        self.post("/api/payments", json!({"orderId": order, "token": token})).await
    }

    /// The order that holds a ticket.
    pub async fn holder(&self, ticket: &str) -> Option<String> {
        let ticket = self.get(&format!("/api/tickets/{ticket}")).await.expect(200);
        ticket["orderId"].as_str().map(str::to_owned)
    }

    pub async fn order_status(&self, order: &str) -> String {
        self.get(&format!("/api/orders/{order}")).await.expect(200)["status"].as_str().unwrap().to_owned()
    }

    /// Whether a ticket is on the list.
    pub async fn sees_for_sale(&self, ticket: &str) -> bool {
        let list = self.get("/api/tickets").await.expect(200);
        list.as_array().unwrap().iter().any(|entry| entry["id"] == ticket)
    }
}

pub fn id(body: &Value) -> String {
    body["id"].as_str().unwrap().to_owned()
}
