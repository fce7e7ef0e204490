//! The few calls of the public API that seeding needs.

use anyhow::{Context, Result, anyhow, bail};
use infra_local::http;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;

/// The most tickets that one answer holds.
const PAGE: usize = 200;

pub struct Api {
    client: Client,
    url: String,
}

/// Who is signed in.
pub struct Session {
    id: String,
    cookie: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ticket {
    id: String,
    user_id: String,
}

#[derive(Deserialize)]
struct User {
    id: String,
}

impl Api {
    pub fn new(url: &str) -> Result<Self> {
        Ok(Self { client: http::client()?, url: url.trim_end_matches('/').to_owned() })
    }

    /// Signs up, or signs in if that address has an account.
    pub async fn sign_in_or_up(&self, email: &str, password: &str) -> Result<Session> {
        let account = json!({ "email": email, "password": password });
        let signed_up = self.client.post(format!("{}/api/users/signup", self.url)).json(&account).send().await;
        let mut answer = signed_up.map_err(|error| match error.is_connect() {
            true => anyhow!("nothing answers at {}: start the platform with `cargo xtask up`", self.url),
            false => error.into(),
        })?;
        if answer.status() == StatusCode::BAD_REQUEST {
            answer = self.client.post(format!("{}/api/users/signin", self.url)).json(&account).send().await?;
        }
        let answer = succeeded(answer, &format!("{email} cannot sign in")).await?;
        let cookie = answer.headers().get(SET_COOKIE).context("a sign-in was answered without a cookie")?;
        let cookie = cookie.to_str()?.split(';').next().unwrap_or_default().to_owned();
        Ok(Session { id: answer.json::<User>().await?.id, cookie })
    }

    /// Whether any ticket in the list is this user's.
    pub async fn sells(&self, seller: &Session) -> Result<bool> {
        let mut after = String::new();
        loop {
            let list = format!("{}/api/tickets?limit={PAGE}{after}", self.url);
            let answer = succeeded(self.client.get(list).send().await?, "the tickets cannot be listed").await?;
            let tickets: Vec<Ticket> = answer.json().await?;
            if tickets.iter().any(|ticket| ticket.user_id == seller.id) {
                return Ok(true);
            }
            match tickets.last() {
                Some(last) if tickets.len() == PAGE => after = format!("&after={}", last.id),
                _ => return Ok(false),
            }
        }
    }

    pub async fn sell(&self, seller: &Session, title: &str, price: f64) -> Result<()> {
        let request = self.client.post(format!("{}/api/tickets", self.url)).header(COOKIE, &seller.cookie);
        let answer = request.json(&json!({ "title": title, "price": price })).send().await?;
        succeeded(answer, &format!("`{title}` cannot be put up for sale")).await.map(drop)
    }
}

/// The answer, or an error with the platform's own words.
async fn succeeded(answer: Response, failure: &str) -> Result<Response> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    bail!("{failure}: {status} {}", answer.text().await.unwrap_or_default())
}
