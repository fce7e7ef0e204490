//! `cargo xtask seed`: accounts of sellers and a buyer, and 300 listings, through the public API like anybody else.

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use chrono::{Days, NaiveTime, Utc};
use chrono_tz::Tz;
use clap::Args;
use common::testing::{Answer, HttpClient};
use reqwest::Method;
use serde_json::{Map, Value, json};

/// The demo accounts that sell.
pub const SELLERS: [&str; 3] = ["seller@example.com", "seller2@example.com", "seller3@example.com"];
/// The demo account that buys.
pub const BUYER: &str = "buyer@example.com";
/// The password of all of them.
pub const PASSWORD: &str = "front-row-seat";

#[derive(Args)]
pub struct Seed {
    /// Where the platform is.
    #[arg(long, default_value = "http://localhost:3000")]
    url: String,
}

/// What the sellers offer; its first lines say how it is written.
const LISTINGS: &str = include_str!("seed/listings.txt");

impl Seed {
    pub async fn run(self) -> Result<ExitCode> {
        let visitor = HttpClient::new(&self.url);
        sign_in_or_up(&visitor.new_visitor(), BUYER).await?;
        let sellers = SELLERS.map(|_| visitor.new_visitor());
        for (seller, email) in sellers.iter().zip(SELLERS) {
            sign_in_or_up(seller, email).await?;
        }
        println!("accounts {} and {BUYER}, password {PASSWORD}", SELLERS.join(", "));
        let listings = listings()?;
        for (number, listing) in listings.iter().enumerate() {
            // The key makes a second run offer nothing twice, also when the first one was interrupted.
            let offer = sellers[number % sellers.len()].request(Method::POST, "/api/tickets").json(listing);
            succeeded(Answer::to(offer.header("idempotency-key", format!("seed-{number}"))).await)?;
        }
        println!("{} listings offered at {}; none of them twice", listings.len(), self.url);
        Ok(ExitCode::SUCCESS)
    }
}

/// What is posted for each listing.
fn listings() -> Result<Vec<Value>> {
    let (mut event, mut listings) = (Map::new(), Vec::new());
    for line in LISTINGS.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(' ') {
            let names = ["price", "quantity", "faceValue", "section", "row", "seat", "restrictions"];
            listings.push(event.clone().into_iter().chain(named(&names, line)).collect());
        } else {
            event = named(&["startsAt", "title", "venue", "city"], line).collect();
            let when = event["startsAt"].as_str().and_then(|when| when.split_once(' '));
            event["startsAt"] = when.map(|when| starts_at(when).context(line)).transpose()?.into();
        }
    }
    Ok(listings)
}

fn named(names: &[&str], line: &str) -> impl Iterator<Item = (String, Value)> {
    names.iter().map(|name| (*name).to_owned()).zip(line.split('|').map(|text| text.trim().into()))
}

/// So many days from today, at this time there: `12`, `20:00 Europe/Berlin`.
fn starts_at((days, rest): (&str, &str)) -> Result<String> {
    let (time, zone) = rest.split_once(' ').context("a time zone")?;
    let zone: Tz = zone.parse().map_err(anyhow::Error::msg)?;
    let day = Utc::now().with_timezone(&zone).date_naive() + Days::new(days.parse()?);
    let time: NaiveTime = time.parse()?;
    Ok(day.and_time(time).and_local_timezone(zone).earliest().context("an hour that is left out")?.to_rfc3339())
}

/// Signs up, or signs in if that address has an account.
async fn sign_in_or_up(visitor: &HttpClient, email: &str) -> Result<()> {
    let account = json!({"email": email, "password": PASSWORD});
    let mut answer = visitor.post("/api/users/signup", account.clone()).await;
    if answer.status == 400 {
        answer = visitor.post("/api/users/signin", account).await;
    }
    succeeded(answer)
}

/// An error in the platform's own words, unless it did what was asked.
fn succeeded(answer: Answer) -> Result<()> {
    if answer.status == 0 {
        bail!(
            "nothing answers: start the platform with `cargo xtask up`, or pass its address with --url ({})",
            answer.message()
        );
    }
    ensure!((200..300).contains(&answer.status), "refused with {}: {}", answer.status, answer.body);
    Ok(())
}

#[cfg(test)]
#[path = "../tests/unit/seed.rs"]
mod tests;
