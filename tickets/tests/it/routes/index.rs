use common::id::Id;
use common::testing::User;
use reqwest::Method;
use serde_json::json;

use crate::app::{TestApp, ids};

async fn offer(tickets: &TestApp, count: usize) -> Vec<Id> {
    let seller = User::new();
    let mut oldest_first = Vec::new();
    for number in 0..count {
        oldest_first.push(tickets.offer(&seller, &format!("Concert {number}"), 20).await.expect(201).id());
    }
    oldest_first
}

fn newest_first(oldest_first: &[Id]) -> Vec<Id> {
    oldest_first.iter().rev().copied().collect()
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
async fn who_has_the_list_is_told_so_until_it_changes() {
    let tickets = TestApp::start().await;
    offer(&tickets, 1).await;
    let list = tickets.app.get(None, "/api/tickets").await.expect(200);
    let look = async || {
        let request = tickets.app.request(Method::GET, "/api/tickets").header("if-none-match", list.header("etag"));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(look().await, 304);
    offer(&tickets, 1).await;
    assert_eq!(look().await, 200);
}

#[tokio::test]
async fn the_oldest_ticket_comes_first_unless_the_newest_is_asked_for() {
    let tickets = TestApp::start().await;
    let oldest_first = offer(&tickets, 5).await;
    let sorted = async |sort: &str| ids(&tickets.app.get(None, &format!("/api/tickets{sort}")).await.expect(200));
    assert_eq!(sorted("").await, oldest_first);
    assert_eq!(sorted("?sort=oldest").await, oldest_first);
    assert_eq!(sorted("?sort=newest").await, newest_first(&oldest_first));
}

#[tokio::test]
async fn another_sort_is_refused_at_its_field() {
    let tickets = TestApp::start().await;
    for sort in ["other", "", "Newest"] {
        let answer = tickets.app.get(None, &format!("/api/tickets?sort={sort}")).await;
        answer.expect_errors(400, &[("Sort must be oldest, newest, price, -price or startsAt", Some("sort"))]);
    }
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
async fn walking_the_pages_sees_each_ticket_once_in_both_orders() {
    let tickets = TestApp::start().await;
    let oldest_first = offer(&tickets, 8).await;
    for (sort, expected) in [("", oldest_first.clone()), ("&sort=newest", newest_first(&oldest_first))] {
        let pages = walk(&tickets, &format!("/api/tickets?limit=3{sort}")).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 2], "{sort}");
        assert_eq!(pages.concat(), expected, "{sort}");
    }
}

#[tokio::test]
async fn a_last_page_that_is_full_is_followed_by_an_empty_one() {
    let tickets = TestApp::start().await;
    let oldest_first = offer(&tickets, 4).await;
    let pages = walk(&tickets, "/api/tickets?limit=2").await;
    assert_eq!(pages, [&oldest_first[..2], &oldest_first[2..], &[]]);
}

#[tokio::test]
async fn a_page_is_not_disturbed_by_what_is_offered_after_the_walk_began() {
    let tickets = TestApp::start().await;
    let oldest_first = offer(&tickets, 4).await;
    for (sort, expected) in [("", oldest_first[2..].to_vec()), ("&sort=newest", newest_first(&oldest_first[2..]))] {
        let first = tickets.app.get(None, &format!("/api/tickets?limit=2{sort}")).await.expect(200);
        offer(&tickets, 2).await;
        let path = format!("/api/tickets?limit=2&after={}{sort}", ids(&first)[1]);
        assert_eq!(ids(&tickets.app.get(None, &path).await.expect(200)), expected, "{sort}");
    }
}

#[tokio::test]
async fn the_page_after_a_ticket_that_was_sold_since_goes_on_where_it_was() {
    let tickets = TestApp::start().await;
    let oldest_first = offer(&tickets, 3).await;
    tickets.order(oldest_first[0]).await;
    let after = tickets.app.get(None, &format!("/api/tickets?after={}", oldest_first[0])).await.expect(200);
    assert_eq!(ids(&after), oldest_first[1..]);
}

#[tokio::test]
async fn a_page_has_a_hundred_tickets_unless_a_limit_is_set() {
    let tickets = TestApp::start().await;
    let oldest_first = offer(&tickets, 101).await;
    let pages = walk(&tickets, "/api/tickets").await;
    assert_eq!(pages, [&oldest_first[..100], &oldest_first[100..]]);
    let all = walk(&tickets, "/api/tickets?limit=200").await;
    assert_eq!(all, [oldest_first]);
}

#[tokio::test]
async fn a_limit_that_is_not_between_1_and_200_is_refused_at_its_field() {
    let tickets = TestApp::start().await;
    for limit in ["0", "201", "-1", "x", "", "1.5", "99999999999999999999"] {
        let answer = tickets.app.get(None, &format!("/api/tickets?limit={limit}")).await;
        answer.expect_errors(400, &[("Limit must be between 1 and 200", Some("limit"))]);
    }
}

#[tokio::test]
async fn a_page_after_a_malformed_id_is_refused_at_its_field() {
    let tickets = TestApp::start().await;
    for after in ["x", "", "65a1b2c3d4e5f60718293a4"] {
        let answer = tickets.app.get(None, &format!("/api/tickets?after={after}")).await;
        answer.expect_errors(400, &[("After must be an id", Some("after"))]);
    }
}
