use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Kind, Outcome, Record, Request};
use crate::cluster::crowd::Crowd;
use crate::person::{Answer, id};
use crate::told::Promise;

/// Answers with which the contract refuses. Nobody is at fault, and nothing is lost.
const REFUSALS: [u16; 2] = [400, 409];

/// The visit with this number. It ends early when a step of it fails: what comes after has nothing to work on.
pub async fn visit(number: usize, crowd: &Crowd, record: &Record) -> Option<()> {
    let (seller, buyer) = (crowd.seller(number), crowd.buyer(number));
    let offer = json!({"title": format!("Seat {number}"), "price": 10 + number % 90});
    let ticket = id(&ask(record, Kind::Offer, 201, seller.post("/api/tickets", offer)).await?);
    if number.is_multiple_of(2) {
        ask(record, Kind::Page, 200, buyer.get("/")).await;
    }
    ask(record, Kind::Ticket, 200, buyer.get(&format!("/api/tickets/{ticket}"))).await;
    let order = id(&ask(record, Kind::Order, 201, buyer.order(&ticket)).await?);
    record.told.note(&order, Promise::Ordered);
    match number % 20 {
        0..=9 => {
            ask(record, Kind::Pay, 201, buyer.pay(&order, "tok_visa")).await?;
            record.told.note(&order, Promise::Paid);
        }
        10..=18 => {
            ask(record, Kind::Cancel, 204, buyer.delete(&format!("/api/orders/{order}"))).await?;
            record.told.note(&order, Promise::Cancelled);
        }
        // Forgotten: its time runs out.
        _ => {}
    }
    Some(())
}

/// Sends a request and records what became of it; the body, if it was answered as wanted.
async fn ask(record: &Record, kind: Kind, wanted: u16, request: impl Future<Output = Answer>) -> Option<Value> {
    let sent = Instant::now();
    let answer = request.await;
    let outcome = match answer.status {
        status if status == wanted => Outcome::Answered,
        status if REFUSALS.contains(&status) => Outcome::Refused(reason(&answer)),
        status => Outcome::Failed(status, reason(&answer)),
    };
    let answered = outcome == Outcome::Answered;
    record.note(Request { kind, sent, took: sent.elapsed(), outcome });
    answered.then_some(answer.body)
}

/// The message of a failure, or what there is of a body, in a few words.
fn reason(answer: &Answer) -> String {
    let message = answer.body["errors"][0]["message"].as_str().or(answer.body.as_str()).unwrap_or_default();
    message.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect()
}
