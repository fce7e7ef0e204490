//! Somebody who uses the platform's API.

use std::time::Duration;

use common::id::Id;
use common::testing::{Answer, HttpClient};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse";

/// How long a user goes on trying while sign-ups are limited.
const LIMITED_FOR: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_secs(3);

/// A signed-in person. A clone is the same person in the same session.
#[derive(Clone)]
pub struct Person {
    /// The person's session, for requests that have no name here.
    pub http: HttpClient,
    email: String,
}

impl Person {
    /// Somebody new.
    pub async fn sign_up(site: &HttpClient) -> Self {
        let person = Self { http: site.new_visitor(), email: format!("person-{}@example.com", Id::generate()) };
        let ask = async || person.http.post("/api/users/signup", person.credentials()).await;
        unless_limited(ask, |answer| answer.status).await.expect(201);
        person
    }

    /// Begins another session.
    pub async fn sign_in(&self) -> Answer {
        self.http.post("/api/users/signin", self.credentials()).await
    }

    fn credentials(&self) -> Value {
        json!({"email": self.email, "password": PASSWORD})
    }

    /// Offers a ticket.
    pub async fn offer(&self, title: &str, price: f64) -> Answer {
        self.http.post("/api/tickets", json!({"title": title, "price": price})).await
    }

    /// Orders a ticket.
    pub async fn order(&self, ticket: Id) -> Answer {
        self.http.post("/api/orders", json!({"ticketId": ticket})).await
    }

    /// Pays for an order.
    pub async fn pay(&self, order: Id, token: &str) -> Answer {
        self.http.post("/api/payments", json!({"orderId": order, "token": token})).await
    }

    /// Cancels an order.
    pub async fn cancel(&self, order: Id) -> Answer {
        self.http.delete(&format!("/api/orders/{order}")).await
    }

    /// The order that holds a ticket.
    pub async fn holder(&self, ticket: Id) -> Option<Id> {
        let ticket = self.http.get(&format!("/api/tickets/{ticket}")).await.expect(200);
        ticket.body["orderId"].as_str().map(|id| id.parse().unwrap())
    }

    /// Whether an order has this status.
    pub async fn sees_order(&self, order: Id, status: &str) -> Option<()> {
        let order = self.http.get(&format!("/api/orders/{order}")).await.expect(200);
        (order.body["status"] == status).then_some(())
    }

    /// Whether a ticket is on the first page of the list.
    pub async fn sees_for_sale(&self, ticket: Id) -> bool {
        let list = self.http.get("/api/tickets?sort=newest").await.expect(200);
        list.body.as_array().unwrap().iter().any(|entry| entry["id"] == ticket.to_string())
    }
}

/// Asks again as long as the answer is 429: too many sign up.
pub async fn unless_limited<T>(ask: impl AsyncFn() -> T, status: impl Fn(&T) -> u16) -> T {
    let deadline = Instant::now() + LIMITED_FOR;
    loop {
        let answer = ask().await;
        if status(&answer) != 429 || Instant::now() > deadline {
            return answer;
        }
        sleep(PAUSE).await;
    }
}
