use common::events::{StateRequested, TICKET};
use common::id::Id;
use common::testing::{User, eventually};
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, doc};
use serde_json::json;

use crate::app::{TestApp, ids};

/// Orders of this buyer, the oldest first.
async fn some_orders(orders: &TestApp, buyer: &User, count: usize) -> Vec<Id> {
    let mut oldest_first = Vec::new();
    for _ in 0..count {
        oldest_first.push(orders.some_order(buyer).await);
    }
    oldest_first
}

/// Follows `rel="next"` from this path to the end: the orders of each page.
async fn walk(orders: &TestApp, buyer: &User, path: &str) -> Vec<Vec<Id>> {
    let (mut pages, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let answer = orders.app.get(Some(buyer), &path).await.expect(200);
        let link = answer.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(r#">; rel="next""#));
        pages.push(ids(&answer));
        next = link.map(str::to_owned);
    }
    pages
}

#[tokio::test]
async fn without_orders_the_list_is_an_empty_array() {
    let orders = TestApp::start().await;
    orders.some_order(&User::new()).await;
    assert_eq!(orders.app.get(Some(&User::new()), "/api/orders").await.expect(200).body, json!([]));
}

#[tokio::test]
async fn the_list_shows_each_order_with_its_ticket_as_it_is_shown_alone() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    let list = orders.app.get(Some(&buyer), "/api/orders").await.expect(200).body;
    assert_eq!(list[0]["ticket"]["title"], "Concert");
    assert_eq!(list, json!([orders.show(&buyer, order).await.expect(200).body]));
}

#[tokio::test]
async fn buyers_see_their_own_orders_only_and_the_oldest_first() {
    let (orders, ann, bob) = (TestApp::start().await, User::new(), User::new());
    let (mut of_ann, mut of_bob) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        of_ann.push(orders.some_order(&ann).await);
        of_bob.push(orders.some_order(&bob).await);
    }
    assert_eq!(ids(&orders.app.get(Some(&ann), "/api/orders").await.expect(200)), of_ann);
    assert_eq!(ids(&orders.app.get(Some(&bob), "/api/orders").await.expect(200)), of_bob);
}

#[tokio::test]
async fn orders_stay_on_the_list_when_they_have_ended() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let oldest_first = some_orders(&orders, &buyer, 3).await;
    orders.cancel(&buyer, oldest_first[0]).await.expect(204);
    orders.pay(oldest_first[1]).await;
    let list = orders.app.get(Some(&buyer), "/api/orders").await.expect(200);
    assert_eq!(ids(&list), oldest_first);
    let statuses: Vec<_> = list.body.as_array().unwrap().iter().map(|order| &order["status"]).collect();
    assert_eq!(statuses, ["cancelled", "complete", "created"]);
}

#[tokio::test]
async fn several_orders_of_one_ticket_are_listed_with_it() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let ticket = orders.some_ticket().await;
    for _ in 0..3 {
        let order = orders.order(&buyer, ticket).await.expect(201).id();
        orders.cancel(&buyer, order).await.expect(204);
    }
    let list = orders.app.get(Some(&buyer), "/api/orders").await.expect(200).body;
    let tickets: Vec<_> = list.as_array().unwrap().iter().map(|order| &order["ticket"]["id"]).collect();
    assert_eq!(tickets, [&json!(ticket); 3]);
}

#[tokio::test]
async fn an_order_whose_ticket_is_unknown_does_not_fail_the_list_and_its_ticket_is_requested() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let known = orders.some_order(&buyer).await;
    let (unknown, order) = (Id::generate(), Id::generate());
    let stored = doc! {
        "_id": ObjectId::from(order), "userId": buyer.id.to_string(), "status": "cancelled", "version": 2,
        "expiresAt": DateTime::from_millis(1_600_000_000_000), "ticket": ObjectId::from(unknown)
    };
    orders.db_insert("orders", stored).await;
    let list = orders.app.get(Some(&buyer), "/api/orders").await.expect(200);
    assert_eq!(ids(&list), [known, order]);
    assert_eq!(list.body[1]["ticket"], json!({"id": unknown, "title": "Ticket", "price": 0, "version": 0}));
    let requested = orders.stream.wait_for(1, |request: &StateRequested| request.id.is_some()).await;
    assert_eq!((requested[0].of.as_str(), requested[0].id), (TICKET, Some(unknown)));
}

#[tokio::test]
async fn walking_the_pages_sees_each_order_once_in_both_orders() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let oldest_first = some_orders(&orders, &buyer, 5).await;
    orders.some_order(&User::new()).await;
    let newest_first: Vec<Id> = oldest_first.iter().rev().copied().collect();
    for (sort, expected) in [("", &oldest_first), ("&sort=oldest", &oldest_first), ("&sort=newest", &newest_first)] {
        let pages = walk(&orders, &buyer, &format!("/api/orders?limit=2{sort}")).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1], "{sort}");
        assert_eq!(&pages.concat(), expected, "{sort}");
    }
}

#[tokio::test]
async fn open_orders_are_listed_alone_until_they_have_ended() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let oldest_first = some_orders(&orders, &buyer, 5).await;
    orders.some_order(&User::new()).await;
    orders.cancel(&buyer, oldest_first[0]).await.expect(204);
    orders.pay(oldest_first[3]).await;
    let open = [oldest_first[1], oldest_first[2], oldest_first[4]];
    assert_eq!(
        walk(&orders, &buyer, "/api/orders?status=open&limit=2").await,
        [open[..2].to_vec(), open[2..].to_vec()]
    );
    let newest_first = walk(&orders, &buyer, "/api/orders?status=open&sort=newest&limit=2").await;
    assert_eq!(newest_first, [vec![open[2], open[1]], vec![open[0]]]);
    for order in open {
        orders.cancel(&buyer, order).await.expect(204);
    }
    assert_eq!(orders.app.get(Some(&buyer), "/api/orders?status=open").await.expect(200).body, json!([]));
}

#[tokio::test]
async fn an_order_is_open_at_once_for_a_buyer_who_had_none_a_moment_ago() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    for _ in 0..2 {
        assert_eq!(orders.app.get(Some(&buyer), "/api/orders?status=open").await.expect(200).body, json!([]));
    }
    let order = orders.some_order(&buyer).await;
    assert_eq!(ids(&orders.app.get(Some(&buyer), "/api/orders?status=open").await.expect(200)), [order]);
}

#[tokio::test]
async fn an_order_of_another_replica_is_open_as_soon_as_its_event_comes() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let other = orders.start_another().await;
    let open = async || ids(&other.get(Some(&buyer), "/api/orders?status=open").await.expect(200));
    assert_eq!(open().await, []);
    let order = orders.some_order(&buyer).await;
    eventually("the order is listed", async || (open().await == [order]).then_some(())).await;
}

#[tokio::test]
async fn a_page_reads_no_more_of_an_index_than_it_shows_and_needs_no_sort() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let (user, status) = (buyer.id.to_string(), doc! {"$in": ["created", "awaiting:payment"]});
    for (count, status) in [(300, "complete"), (6, "created")] {
        let ordered = |_| {
            doc! {"userId": &user, "status": status, "version": 0, "expiresAt": DateTime::now(), "ticket": ObjectId::new()}
        };
        orders.database().collection("orders").insert_many((0..count).map(ordered)).await.unwrap();
    }
    for (filter, newest) in [
        (doc! {"userId": &user}, -1),
        (doc! {"userId": &user, "status": &status}, -1),
        (doc! {"userId": &user, "status": &status}, 1),
    ] {
        let find = doc! {"find": "orders", "filter": &filter, "sort": {"_id": newest}, "limit": 5};
        let explain = doc! {"explain": find, "verbosity": "executionStats"};
        let explained = orders.database().run_command(explain).await.unwrap();
        assert_eq!(
            explained.get_document("executionStats").unwrap().get_i32("totalKeysExamined").unwrap(),
            5,
            "{filter}"
        );
        assert!(!explained.to_string().contains("\"SORT\""), "{explained}");
    }
}

#[tokio::test]
async fn another_status_is_refused_at_its_field() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    for status in ["complete", "", "Open"] {
        let answer = orders.app.get(Some(&buyer), &format!("/api/orders?status={status}")).await;
        answer.expect_errors(400, &[("Status must be open", Some("status"))]);
    }
}

#[tokio::test]
async fn another_sort_is_refused_at_its_field() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let answer = orders.app.get(Some(&buyer), "/api/orders?sort=other").await;
    answer.expect_errors(400, &[("Sort must be oldest or newest", Some("sort"))]);
}

#[tokio::test]
async fn a_limit_that_is_not_between_1_and_200_is_refused_at_its_field() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    for limit in ["0", "201", "-1", "x", ""] {
        let answer = orders.app.get(Some(&buyer), &format!("/api/orders?limit={limit}")).await;
        answer.expect_errors(400, &[("Limit must be between 1 and 200", Some("limit"))]);
    }
}

#[tokio::test]
async fn a_page_after_a_malformed_id_is_refused_at_its_field() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let answer = orders.app.get(Some(&buyer), "/api/orders?after=x").await;
    answer.expect_errors(400, &[("After must be an id", Some("after"))]);
}
