use common::id::Id;
use common::testing::User;
use serde_json::json;

use crate::app::{TestApp, ids};

async fn offer(tickets: &TestApp, count: usize) -> Vec<Id> {
    let seller = User::new();
    let mut newest_first = Vec::new();
    for number in 0..count {
        newest_first.insert(0, tickets.offer(&seller, &format!("Concert {number}"), 20).await.expect(201).id());
    }
    newest_first
}

/// Follows `rel="next"` from this path to the end: the tickets of each page.
async fn walk(tickets: &TestApp, path: &str) -> Vec<Vec<Id>> {
    let (mut pages, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let answer = tickets.app.get(None, &path).await.expect(200);
        let link = answer.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(r#">; rel="next""#));
        pages.push(ids(&answer));
        next = link.map(str::to_owned);
    }
    pages
}

#[tokio::test]
async fn without_tickets_the_list_is_an_empty_array() {
    let tickets = TestApp::start().await;
    assert_eq!(tickets.app.get(None, "/api/tickets").await.expect(200).body, json!([]));
}

#[tokio::test]
async fn the_list_shows_each_ticket_as_it_is_shown_alone() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = tickets.offer(&seller, "Concert", 12.5).await.expect(201).id();
    let list = tickets.app.get(None, "/api/tickets").await.expect(200).body;
    assert_eq!(list, json!([tickets.show(id).await]));
}

#[tokio::test]
async fn the_newest_ticket_comes_first() {
    let tickets = TestApp::start().await;
    let newest_first = offer(&tickets, 5).await;
    assert_eq!(tickets.list().await, newest_first);
}

#[tokio::test]
async fn a_ticket_leaves_the_list_while_an_order_has_it() {
    let tickets = TestApp::start().await;
    let all = offer(&tickets, 3).await;
    let order = tickets.order(all[1]).await;
    assert_eq!(tickets.list().await, [all[0], all[2]]);
    tickets.cancel(order, all[1]).await;
    assert_eq!(tickets.list().await, all);
}

#[tokio::test]
async fn a_sold_ticket_has_left_the_list() {
    let tickets = TestApp::start().await;
    let all = offer(&tickets, 2).await;
    let order = tickets.order(all[0]).await;
    tickets.complete(order, all[0]).await;
    assert_eq!(tickets.list().await, [all[1]]);
}

#[tokio::test]
async fn walking_the_pages_sees_each_ticket_once_and_the_newest_first() {
    let tickets = TestApp::start().await;
    let newest_first = offer(&tickets, 8).await;
    let pages = walk(&tickets, "/api/tickets?limit=3").await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 2]);
    assert_eq!(pages.concat(), newest_first);
}

#[tokio::test]
async fn a_last_page_that_is_full_is_followed_by_an_empty_one() {
    let tickets = TestApp::start().await;
    let newest_first = offer(&tickets, 4).await;
    let pages = walk(&tickets, "/api/tickets?limit=2").await;
    assert_eq!(pages, [&newest_first[..2], &newest_first[2..], &[]]);
}

#[tokio::test]
async fn a_page_is_not_disturbed_by_what_is_offered_after_the_walk_began() {
    let tickets = TestApp::start().await;
    let newest_first = offer(&tickets, 4).await;
    let first = tickets.app.get(None, "/api/tickets?limit=2").await.expect(200);
    offer(&tickets, 2).await;
    let second = tickets.app.get(None, &format!("/api/tickets?limit=2&after={}", ids(&first)[1])).await.expect(200);
    assert_eq!(ids(&second), newest_first[2..]);
}

#[tokio::test]
async fn the_page_after_a_ticket_that_was_sold_since_goes_on_where_it_was() {
    let tickets = TestApp::start().await;
    let newest_first = offer(&tickets, 3).await;
    tickets.order(newest_first[0]).await;
    let after = tickets.app.get(None, &format!("/api/tickets?after={}", newest_first[0])).await.expect(200);
    assert_eq!(ids(&after), newest_first[1..]);
}

#[tokio::test]
async fn a_page_has_a_hundred_tickets_unless_it_is_said_otherwise() {
    let tickets = TestApp::start().await;
    let newest_first = offer(&tickets, 101).await;
    let pages = walk(&tickets, "/api/tickets").await;
    assert_eq!(pages, [&newest_first[..100], &newest_first[100..]]);
    let all = walk(&tickets, "/api/tickets?limit=200").await;
    assert_eq!(all, [newest_first]);
}

#[tokio::test]
async fn a_limit_that_is_no_number_from_1_to_200_is_refused_at_its_field() {
    let tickets = TestApp::start().await;
    for limit in ["0", "201", "-1", "x", "", "1.5", "99999999999999999999"] {
        let answer = tickets.app.get(None, &format!("/api/tickets?limit={limit}")).await;
        answer.expect_errors(400, &[("Limit must be between 1 and 200", Some("limit"))]);
    }
}

#[tokio::test]
async fn a_page_after_what_is_no_id_is_refused_at_its_field() {
    let tickets = TestApp::start().await;
    for after in ["x", "", "65a1b2c3d4e5f60718293a4"] {
        let answer = tickets.app.get(None, &format!("/api/tickets?after={after}")).await;
        answer.expect_errors(400, &[("After must be an id", Some("after"))]);
    }
}
