use common::id::Id;
use common::testing::User;
use serde_json::{Value, json};

use super::report::report;
use super::takedown::with_operator;
use crate::app::{TestApp, ids};

async fn reported(tickets: &TestApp, operator: &User) -> Vec<Value> {
    let answer = tickets.app.get(Some(operator), "/api/tickets/reports").await.expect(200);
    answer.body.as_array().unwrap().clone()
}

fn id(listing: &Value) -> Id {
    listing["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_operator_sees_a_reported_listing_with_what_visitors_say() {
    let (tickets, operator) = with_operator().await;
    assert!(reported(&tickets, &operator).await.is_empty());
    let (ticket, one, other) = (tickets.some_ticket().await, User::new(), User::new());
    tickets.some_ticket().await;
    let first = report(&tickets, &one, ticket, "It is forged").await.expect(201).body;
    let second = report(&tickets, &other, ticket, "It is stolen").await.expect(201).body;
    let mut expected = tickets.show(ticket).await;
    expected["state"] = json!("onSale");
    expected["reports"] = json!([second, first]);
    assert_eq!(reported(&tickets, &operator).await, [expected]);
}

#[tokio::test]
async fn the_listing_with_the_latest_report_comes_first_a_page_at_a_time() {
    let (tickets, operator) = with_operator().await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(tickets.some_ticket().await);
    }
    for ticket in [all[4], all[0], all[1], all[2], all[3], all[0]] {
        report(&tickets, &User::new(), ticket, "It is forged").await.expect(201);
    }
    let (mut walked, mut next) = (Vec::new(), "/api/tickets/reports?limit=2".to_owned());
    while !next.is_empty() {
        let page = tickets.app.get(Some(&operator), &next).await.expect(200);
        walked.extend(ids(&page));
        let link = page.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(r#">; rel="next""#));
        next = link.unwrap_or_default().to_owned();
    }
    assert_eq!(walked, [all[0], all[3], all[2], all[1], all[4]]);
}

#[tokio::test]
async fn a_listing_that_was_withdrawn_is_left_out_and_one_that_was_sold_stays() {
    let ((tickets, operator), seller) = (with_operator().await, User::new());
    let [withdrawn, sold] = [(); 2].map(|()| tickets.offer(&seller, "Concert", 20));
    let (withdrawn, sold) = (withdrawn.await.expect(201).id(), sold.await.expect(201).id());
    for ticket in [withdrawn, sold] {
        report(&tickets, &User::new(), ticket, "It is forged").await.expect(201);
    }
    tickets.withdraw(&seller, withdrawn).await.expect(204);
    tickets.sell(sold, &User::new()).await;
    let left = reported(&tickets, &operator).await;
    assert_eq!((left.len(), id(&left[0]), &left[0]["state"]), (1, sold, &json!("sold")));
    // An order that was made at the same moment brings it back.
    tickets.order(withdrawn).await;
    report(&tickets, &User::new(), withdrawn, "It is forged").await.expect(201);
    assert_eq!(id(&reported(&tickets, &operator).await[0]), withdrawn);
}

#[tokio::test]
async fn a_report_stays_when_the_listing_is_edited() {
    let ((tickets, operator), seller) = (with_operator().await, User::new());
    let ticket = tickets.offer(&seller, "Concert", 20).await.expect(201).id();
    report(&tickets, &User::new(), ticket, "It is forged").await.expect(201);
    tickets.edit(&seller, ticket, "Opera", 1).await.expect(200);
    assert_eq!(reported(&tickets, &operator).await[0]["title"], "Opera");
}

#[tokio::test]
async fn for_everybody_else_there_is_no_such_list() {
    let (tickets, _) = with_operator().await;
    for user in [None, Some(&User::new())] {
        tickets.app.get(user, "/api/tickets/reports").await.expect_errors(404, &[("Not found", None)]);
    }
}

#[tokio::test]
async fn no_ticket_without_a_report_is_read_for_it() {
    let (tickets, operator) = with_operator().await;
    for _ in 0..20 {
        tickets.some_ticket().await;
    }
    report(&tickets, &User::new(), tickets.some_ticket().await, "It is forged").await.expect(201);
    assert_eq!(tickets.db_most_examined(async { drop(reported(&tickets, &operator).await) }).await, 1);
}
