//! Calls and pages, each beside its limits.

use common::id::Id;
use common::testing::User;
use mongodb::bson::{doc, oid::ObjectId};
use reqwest::Method;
use serde_json::json;

use crate::limits::{Limit, Limits};
use crate::market::{Market, WORD, users};
use crate::options::Row;
use crate::table::{Line, grouped};
use crate::wrk::{Answered, Sent};

/// Buyers that take turns where each may come more than once.
const BUYERS: usize = 1000;

/// The rush: so many buyers want so many tickets, over so many connections.
const RUSH_BUYERS: usize = 10_000;
const RUSH_TICKETS: usize = 100;
const RUSH_CONNECTIONS: u32 = 1000;

/// Everything that is needed to measure a call.
pub struct Calls<'a> {
    pub market: &'a Market,
    pub limits: &'a Limits,
    pub seconds: u32,
    /// Tickets on sale that nobody orders.
    pub on_sale: &'a [Id],
}

impl Calls<'_> {
    /// Measures one of the rows that are calls or pages; none for the others.
    pub async fn measure(&self, row: Row) -> Option<Line> {
        const EMPTY: Limit = Limit::Empty(32);
        let (user, url) = (User::new(), |service, path: &str| self.market.url(service, path));
        let ticket = self.on_sale[0];
        let line = match row {
            Row::CurrentUser => {
                let sent = Sent::get(url("auth", "/api/users/currentuser")).cookie(&user.cookie);
                self.get("current user", sent, &[EMPTY], "≥ 75 % of an empty handler").await
            }
            Row::Show => {
                let sent = Sent::get(url("tickets", &format!("/api/tickets/{ticket}")));
                self.get("show", sent, &[Limit::Find], "≥ 95 % of a raw find").await
            }
            Row::List => {
                let sent = Sent::get(url("tickets", "/api/tickets"));
                self.get("list of 100", sent, &[EMPTY, Limit::Page], "≥ 30 % of an empty handler").await
            }
            Row::Search => {
                let sent = Sent::get(url("tickets", &format!("/api/tickets?q={WORD}&sort=price")));
                self.get("list of a word, cheapest first", sent, &[EMPTY, Limit::Page], "").await
            }
            Row::Landing => {
                let sent = Sent::get(url("client", "/"));
                self.get("landing page", sent, &[EMPTY], "≥ 15 % of an empty handler").await
            }
            Row::LandingSignedIn => {
                let sent = Sent::get(url("client", "/")).cookie(&user.cookie);
                self.get("landing page, signed in", sent, &[EMPTY], "≥ 8 % of an empty handler").await
            }
            Row::TicketPage => {
                let sent = Sent::get(url("client", &format!("/tickets/{ticket}")));
                self.get("ticket page", sent, &[EMPTY], "").await
            }
            Row::Create => self.create().await,
            Row::Order => self.order().await,
            Row::Refusals => self.refusals().await,
            Row::OnSale => self.rush().await,
            Row::Journey | Row::Events => return None,
        };
        Some(line)
    }

    /// What is read again and again.
    async fn get(&self, what: &str, sent: Sent, limits: &[Limit], goal: &'static str) -> Line {
        sent.run(1).await;
        let line = Line { what: what.to_owned(), goal, ..Line::default() };
        self.between(line, limits, async || {
            let answered = sent.run(self.seconds).await;
            (answered.rate(), spread(&answered))
        })
        .await
    }

    /// A measurement between two of each of its limits.
    async fn between(&self, line: Line, limits: &[Limit], measure: impl AsyncFnOnce() -> (f64, String)) -> Line {
        let each = async || {
            let mut rates = Vec::new();
            for limit in limits {
                rates.push(self.limits.measure(*limit, (self.seconds / 2).max(1)).await);
            }
            rates
        };
        let before = each().await;
        let (rate, said) = measure().await;
        let after = each().await;
        let under = limits.iter().zip(before).zip(after).map(|((limit, before), after)| (*limit, before, after));
        Line { measured: format!("{}/s, {said}", grouped(rate)), rate: Some(rate), under: under.collect(), ..line }
    }

    /// Measured until nothing is left to be done for any of them.
    async fn create(&self) -> Line {
        let body = json!({"title": "Concert", "price": 20.5}).to_string();
        let sent = Sent::post(self.market.url("tickets", "/api/tickets"), &body).cookie(&User::new().cookie);
        let limits = [Limit::Writes, Limit::Insert, Limit::Publish];
        let goal = "≥ 80 % of the same raw writes";
        let line =
            Line { what: "create a ticket, its event handled, the outbox empty".to_owned(), goal, ..Line::default() };
        self.between(line, &limits, async || {
            let answered = sent.run(self.seconds).await;
            let rest = self.market.settle().await;
            let rate = answered.count("requests") as f64 / (answered.seconds() + rest.as_secs_f64());
            let rest = rest.as_millis();
            (
                rate,
                format!(
                    "{}; {}/s answered, the rest done {rest} ms later",
                    spread(&answered),
                    grouped(answered.rate())
                ),
            )
        })
        .await
    }

    /// Each of another ticket, by another buyer.
    async fn order(&self) -> Line {
        let tickets = self.market.fill(3000 * self.seconds, 0, Id::generate(), Id::generate()).await;
        let buyers = users(tickets.len());
        let orders = buyers.into_iter().zip(tickets).map(|(buyer, ticket)| (buyer.cookie, of(ticket)));
        let sent = Sent::posts(self.market.url("orders", "/api/orders"), "order", orders, false);
        let line = Line { what: "order".to_owned(), ..Line::default() };
        let line = self
            .between(line, &[Limit::Insert], async || {
                let answered = sent.run(self.seconds).await;
                (answered.rate(), format!("{}, {} orders", spread(&answered), answered.count("created")))
            })
            .await;
        self.market.settle().await;
        line
    }

    /// 200 connections order 100 tickets again and again that others have.
    async fn refusals(&self) -> Line {
        let tickets = self.market.fill(RUSH_TICKETS as u32, 0, Id::generate(), Id::generate()).await;
        for ticket in &tickets {
            let body = Some(json!({"ticketId": ticket}));
            self.market.ask(Method::POST, "orders", "/api/orders", &User::new(), body).await.expect(201);
        }
        self.market.settle().await;
        let orders = users(BUYERS).into_iter().zip(tickets.iter().cycle());
        let orders = orders.map(|(buyer, ticket)| (buyer.cookie, of(*ticket)));
        let sent = Sent::posts(self.market.url("orders", "/api/orders"), "refusals", orders, true).connections(200);
        let goal = "≥ 8,000/s";
        let line =
            Line { what: "200 connections order 100 tickets that are taken".to_owned(), goal, ..Line::default() };
        self.between(line, &[Limit::Empty(200)], async || {
            let answered = sent.run(self.seconds).await;
            (answered.count("refused") as f64 / answered.seconds(), format!("refused; {}", spread(&answered)))
        })
        .await
    }

    /// Each buyer asks once for one of the tickets, all at the same time.
    async fn rush(&self) -> Line {
        let tickets = self.market.fill(RUSH_TICKETS as u32, 0, Id::generate(), Id::generate()).await;
        // In no order: a rush is for every ticket from its first moment on.
        let wanted = (0..RUSH_BUYERS).map(|number| tickets[number * 7919 % RUSH_TICKETS]);
        let orders = users(RUSH_BUYERS).into_iter().zip(wanted).map(|(buyer, ticket)| (buyer.cookie, of(ticket)));
        let sent = Sent::posts(self.market.url("orders", "/api/orders"), "on-sale", orders, false);
        let answered = sent.connections(RUSH_CONNECTIONS).run(4).await;
        self.market.settle().await;
        let wanted = tickets.iter().map(|ticket| ObjectId::from(*ticket)).collect::<Vec<_>>();
        let orders = self.market.stores.orders.collection::<mongodb::bson::Document>("orders");
        let orders = orders.count_documents(doc! {"ticket": {"$in": wanted}}).await.unwrap();
        let refused = answered.count("refused");
        let measured = format!(
            "{orders} orders, {} times 201, {refused} refusals ({}/s), {} times 429, {} 5xx, {} without an answer, all within {:.2} s; p99 {:.0} ms, max {:.0} ms",
            answered.count("created"),
            grouped(refused as f64 / answered.seconds()),
            answered.count("limited"),
            answered.count("failed"),
            answered.count("lost"),
            answered.seconds(),
            answered.millis("p99"),
            answered.millis("max"),
        );
        let what = format!(
            "on-sale: {} buyers, {RUSH_TICKETS} tickets, {} connections",
            grouped(RUSH_BUYERS as f64),
            grouped(RUSH_CONNECTIONS.into())
        );
        Line { what, measured, goal: "100 orders, no 5xx, p99 ≤ 1 s, ≥ 8,000 refusals/s", ..Line::default() }
    }
}

fn of(ticket: Id) -> String {
    json!({"ticketId": ticket}).to_string()
}

/// How long answers took, and whatever is not as it should be.
fn spread(answered: &Answered) -> String {
    let mut text = format!("p50 {:.1} ms, p99 {:.1} ms", answered.millis("p50"), answered.millis("p99"));
    for (name, what) in [("limited", "times 429"), ("failed", "failed"), ("lost", "without an answer")] {
        let count = answered.count(name);
        if count > 0 {
            text = format!("{text}, {count} {what}");
        }
    }
    text
}
