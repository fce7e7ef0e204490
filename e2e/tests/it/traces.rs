//! What a collector of traces sees of a sale.

use std::collections::BTreeSet;

use common::id::Id;
use common::testing::{Answer, Recorded, TraceCollector, eventually};
use e2e::person::Person;
use reqwest::Method;
use serde_json::{Value, json};

use crate::platform::Platform;

const PURCHASE: &str = "0af7651916cd43dd8448eb211c80319c";

/// As a browser does that traces.
async fn traced(person: &Person, method: Method, path: &str, body: Value) -> Answer {
    let request = person.http.request(method, path).header("traceparent", format!("00-{PURCHASE}-b7ad6b7169203331-01"));
    person.http.send(request.json(&body)).await
}

/// What was exported, and how the spans hang together.
struct Seen(Vec<Recorded>);

impl Seen {
    /// The spans of this name in a trace.
    fn named(&self, trace: &str, name: &str) -> Vec<&Recorded> {
        self.0.iter().filter(|span| span.trace_id == trace && span.name == name).collect()
    }

    /// The consumers of what this span has published.
    fn consumers(&self, producer: &Recorded) -> Vec<&Recorded> {
        let link = [(producer.trace_id.clone(), producer.span_id.clone())];
        self.0.iter().filter(|span| span.links == link).collect()
    }

    fn parent(&self, span: &Recorded) -> Option<&Recorded> {
        self.0.iter().find(|other| other.span_id == span.parent_span_id)
    }
}

fn services(spans: &[&Recorded]) -> BTreeSet<String> {
    spans.iter().map(|span| span.service.clone()).collect()
}

fn all<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[tokio::test]
async fn a_purchase_is_one_trace_and_what_handles_its_events_links_to_it() {
    let collector = TraceCollector::start();
    let platform = Platform::start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.as_str()),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        // Only the purchase asks to be recorded.
        ("OTEL_TRACES_SAMPLER", "parentbased_always_off"),
    ])
    .await;
    let site = platform.site();
    let (seller, buyer) = (Person::sign_up(&site).await, Person::sign_up(&site).await);
    let ticket = seller.offer("Concert", 20.5).await.expect(201).id();
    eventually("the ticket is on sale", async || buyer.sees_for_sale(ticket).await.then_some(())).await;

    let order: Id = traced(&buyer, Method::POST, "/api/orders", json!({"ticketId": ticket})).await.expect(201).id();
    let payment = json!({"orderId": order, "token": "tok_visa"});
    traced(&buyer, Method::POST, "/api/payments", payment).await.expect(201);
    eventually("the order is complete", async || buyer.sees_order(order, "complete").await).await;
    traced(&buyer, Method::GET, &format!("/orders/{order}"), json!({})).await.expect(200);
    let completed = async || {
        let seen = Seen(collector.spans());
        let paid = *seen.named(PURCHASE, "publish payment.created").first()?;
        let handled = *seen.consumers(paid).first()?;
        let completed = *seen.named(&handled.trace_id, "publish order.completed").first()?;
        (services(&seen.consumers(completed)).len() == 4).then_some(())
    };
    eventually("the last consumers are exported", completed).await;
    platform.stop().await;
    let seen = Seen(collector.spans());

    for (name, service, event) in [
        ("POST /api/orders", "orders", "publish order.created"),
        ("POST /api/payments", "payments", "publish payment.created"),
    ] {
        let request = seen.named(PURCHASE, name)[0];
        assert_eq!(request.service, service);
        let writes = seen.0.iter().filter(|span| span.parent_span_id == request.span_id);
        assert!(writes.filter(|span| span.attribute("db.system.name") == "mongodb").count() > 0, "{name} writes");
        assert_eq!(seen.named(PURCHASE, event)[0].parent_span_id, request.span_id, "{event}");
    }

    // The page's own request, its calls, and the services that answer them.
    let page = seen.named(PURCHASE, "GET /orders/{id}")[0];
    assert_eq!(page.service, "client");
    let read = seen.named(PURCHASE, "GET /api/orders/{id}");
    let read = read.iter().find(|read| seen.parent(read).is_some_and(|call| call.service == "client")).unwrap();
    assert_eq!(read.service, "orders");
    assert_eq!(seen.parent(seen.parent(read).unwrap()).unwrap().span_id, page.span_id);

    let ordered = seen.consumers(seen.named(PURCHASE, "publish order.created")[0]);
    assert_eq!(services(&ordered), all(["auth", "expiration", "payments", "tickets"]));
    let paid = seen.consumers(seen.named(PURCHASE, "publish payment.created")[0]);
    assert_eq!(services(&paid), all(["orders"]));
    let completed = seen.consumers(seen.named(&paid[0].trace_id, "publish order.completed")[0]);
    assert_eq!(services(&completed), all(["auth", "expiration", "payments", "tickets"]));
    for consumer in [ordered, paid, completed].concat() {
        assert_ne!(consumer.trace_id, PURCHASE, "{consumer:?}");
        assert!(consumer.parent_span_id.is_empty() && !consumer.is_error, "{consumer:?}");
        assert_eq!(consumer.attribute("messaging.message.conversation_id"), order.to_string());
    }
}
