//! `cargo xtask seed`: two accounts and 40 tickets, through the public API like anybody else.

use std::process::ExitCode;

use anyhow::{Result, bail, ensure};
use clap::Args;
use common::testing::{Answer, HttpClient};
use serde_json::{Value, json};

/// The demo account that sells.
pub const SELLER: &str = "seller@example.com";
/// The demo account that buys.
pub const BUYER: &str = "buyer@example.com";
/// The password of both.
pub const PASSWORD: &str = "front-row-seat";

#[derive(Args)]
pub struct Seed {
    /// Where the platform is.
    #[arg(long, default_value = "http://localhost:3000")]
    url: String,
}

/// What the demo seller sells: a price and a title per line.
const TICKETS: &str = include_str!("seed/tickets.txt");

/// The most tickets that one answer holds.
const PAGE: usize = 200;

impl Seed {
    pub async fn run(self) -> Result<ExitCode> {
        let seller = HttpClient::new(&self.url);
        let id = sign_in_or_up(&seller, SELLER).await?;
        sign_in_or_up(&seller.new_visitor(), BUYER).await?;
        println!("accounts {SELLER} and {BUYER}, password {PASSWORD}");
        if sells(&seller, &id).await? {
            println!("{SELLER} has tickets for sale already: none were added");
            return Ok(ExitCode::SUCCESS);
        }
        for (price, title) in TICKETS.lines().filter_map(|line| line.split_once(' ')) {
            succeeded(seller.post("/api/tickets", json!({"title": title, "price": price})).await)?;
        }
        println!("{} tickets for sale at {}", TICKETS.lines().count(), self.url);
        Ok(ExitCode::SUCCESS)
    }
}

/// Signs up, or signs in if that address has an account. Returns the account's id.
async fn sign_in_or_up(visitor: &HttpClient, email: &str) -> Result<Value> {
    let account = json!({"email": email, "password": PASSWORD});
    let mut answer = visitor.post("/api/users/signup", account.clone()).await;
    if answer.status == 400 {
        answer = visitor.post("/api/users/signin", account).await;
    }
    Ok(succeeded(answer)?["id"].take())
}

/// Whether any ticket in the list is this user's.
async fn sells(seller: &HttpClient, id: &Value) -> Result<bool> {
    let mut after = String::new();
    loop {
        let list = succeeded(seller.get(&format!("/api/tickets?limit={PAGE}{after}")).await)?;
        let tickets = list.as_array().map(Vec::as_slice).unwrap_or_default();
        if tickets.iter().any(|ticket| ticket["userId"] == *id) {
            return Ok(true);
        }
        match tickets.last().and_then(|last| last["id"].as_str()) {
            Some(last) if tickets.len() == PAGE => after = format!("&after={last}"),
            _ => return Ok(false),
        }
    }
}

/// The body, or an error in the platform's own words.
fn succeeded(answer: Answer) -> Result<Value> {
    if answer.status == 0 {
        bail!(
            "nothing answers: start the platform with `cargo xtask up`, or pass its address with --url ({})",
            answer.message()
        );
    }
    ensure!((200..300).contains(&answer.status), "refused with {}: {}", answer.status, answer.body);
    Ok(answer.body)
}
