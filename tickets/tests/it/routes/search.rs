//! `GET /api/tickets` with a query.

use common::id::Id;
use common::testing::{User, eventually};
use mongodb::bson::{doc, oid::ObjectId};
use serde_json::{Value, json};

use crate::app::{TestApp, ids};

/// Four tickets that are easily told apart, in the order in which they are offered.
async fn some(tickets: &TestApp) -> [Id; 4] {
    let seller = User::new();
    let mut offered = Vec::new();
    for body in [
        json!({"title": "Tosca", "price": 80, "venue": "Opéra Bastille", "city": "Paris",
            "startsAt": "2099-06-12T20:00:00+02:00", "quantity": 4}),
        json!({"title": "Tosca", "price": 30, "city": "São Paulo", "startsAt": "2099-05-01T22:00:00-03:00"}),
        json!({"title": "Football: Étoile – Noire", "price": 12.5, "city": "Paris", "startsAt": "2099-07-01T18:00:00Z"}),
        json!({"title": "A voucher", "price": 5}),
    ] {
        offered.push(tickets.offer_with(&seller, body).await);
    }
    offered.try_into().unwrap()
}

async fn found(tickets: &TestApp, query: &str) -> Vec<Id> {
    ids(&tickets.app.get(None, &format!("/api/tickets?{query}")).await.expect(200))
}

/// Follows `rel="next"` to the end, a ticket a page.
async fn walked(tickets: &TestApp, query: &str) -> Vec<Id> {
    let (mut all, mut next) = (Vec::new(), Some(format!("/api/tickets?{query}&limit=1")));
    while let Some(path) = next {
        let answer = tickets.app.get(None, &path).await.expect(200);
        all.extend(ids(&answer));
        let link = answer.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(r#">; rel="next""#));
        next = link.map(str::to_owned);
        assert!(all.len() <= 20, "it goes round in circles");
    }
    all
}

#[tokio::test]
async fn words_are_found_by_their_beginning_whatever_their_case_and_accents() {
    let tickets = TestApp::start().await;
    let [paris, sao_paulo, football, voucher] = some(&tickets).await;
    for (query, expected) in [
        ("q=tosca", vec![paris, sao_paulo]),
        ("q=TOS", vec![paris, sao_paulo]),
        ("q=tosca+paris", vec![paris]),
        ("q=opera", vec![paris]),
        ("q=etoile-noire", vec![football]),
        ("q=sao", vec![sao_paulo]),
        ("q=osca", vec![]),
        ("q=tosca+football", vec![]),
        ("q=", vec![paris, sao_paulo, football, voucher]),
        ("q=%F0%9F%8E%B5", vec![paris, sao_paulo, football, voucher]),
    ] {
        assert_eq!(found(&tickets, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn city_price_and_time_narrow_the_list_down() {
    let tickets = TestApp::start().await;
    let [paris, sao_paulo, football, voucher] = some(&tickets).await;
    for (query, expected) in [
        ("city=paris", vec![paris, football]),
        ("city=Par", vec![]),
        ("min=12.50&max=30", vec![sao_paulo, football]),
        ("max=12.49", vec![voucher]),
        ("min=0", vec![paris, sao_paulo, football, voucher]),
        // What has no date is on no day.
        ("from=2099-06-12", vec![paris, football]),
        ("from=2099-06-12T00:00:00Z", vec![paris, football]),
        ("from=2099-06-12&to=2099-06-12", vec![paris]),
        // A day is one at the place: there the next one has begun in UTC.
        ("from=2099-05-01&to=2099-05-01", vec![sao_paulo]),
        ("to=2099-05-02T01:00:00Z", vec![sao_paulo]),
        ("to=2099-05-02T00:59:59Z", vec![]),
        ("q=tosca&city=S%C3%A3o+Paulo&max=30&to=2099-12-31", vec![sao_paulo]),
    ] {
        assert_eq!(found(&tickets, query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn every_sort_is_walked_to_its_end_with_and_without_filters() {
    let tickets = TestApp::start().await;
    let [paris, sao_paulo, football, voucher] = some(&tickets).await;
    for (sort, expected) in [
        ("newest", [voucher, football, sao_paulo, paris]),
        ("price", [voucher, football, sao_paulo, paris]),
        ("-price", [paris, sao_paulo, football, voucher]),
        ("startsAt", [sao_paulo, paris, football, voucher]),
    ] {
        assert_eq!(walked(&tickets, &format!("sort={sort}")).await, expected, "{sort}");
        let cheap = expected.into_iter().filter(|id| *id != paris).collect::<Vec<_>>();
        assert_eq!(walked(&tickets, &format!("sort={sort}&max=50")).await, cheap, "{sort}, at most 50");
    }
}

#[tokio::test]
async fn the_link_to_the_next_page_keeps_the_query() {
    let tickets = TestApp::start().await;
    some(&tickets).await;
    let answer = tickets.app.get(None, "/api/tickets?q=t%C3%B6sca&sort=price&limit=1").await.expect(200);
    let link = answer.header("link");
    assert!(link.starts_with("</api/tickets?q=t%C3%B6sca&sort=price&limit=1&after=3000_"), "{link}");
}

#[tokio::test]
async fn tickets_of_one_event_are_listed_by_the_price_of_a_seat() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let listing = |price: i32, quantity: i32| json!({"title": "Tosca", "price": price, "quantity": quantity, "city": "Paris", "venue": "Bastille"});
    let dear = tickets.offer_with(&seller, listing(50, 1)).await;
    let cheap = tickets.offer_with(&seller, listing(80, 2)).await;
    tickets.offer_with(&seller, json!({"title": "Tosca", "price": 1, "city": "Lyon"})).await;
    let event = tickets.show(dear).await["event"].as_str().unwrap().to_owned();
    assert_eq!(walked(&tickets, &format!("event={event}")).await, [cheap, dear]);
    assert_eq!(walked(&tickets, &format!("event={event}&sort=-price")).await, [cheap, dear]);
    assert_eq!(walked(&tickets, &format!("event={event}&sort=price")).await, [dear, cheap]);
}

#[tokio::test]
async fn a_ticket_without_place_and_time_is_an_event_of_its_own() {
    let tickets = TestApp::start().await;
    let [.., voucher] = some(&tickets).await;
    assert_eq!(tickets.show(voucher).await.get("event"), None);
    assert_eq!(found(&tickets, &format!("event={voucher}")).await, [voucher]);
}

#[tokio::test]
async fn what_is_malformed_is_refused_at_its_field() {
    let tickets = TestApp::start().await;
    for (query, field, message) in [
        ("min=much", "min", "Least price must be greater than 0"),
        ("max=-1", "max", "Highest price must be greater than 0"),
        ("from=tomorrow", "from", "From must be a date, such as 2027-06-12, or a time with an offset"),
        ("to=2027-13-01", "to", "To must be a date, such as 2027-06-12, or a time with an offset"),
        ("from=-262143-01-01", "from", "From must be a date, such as 2027-06-12, or a time with an offset"),
        ("event=1", "event", "Event must be a key"),
        ("sort=seat", "sort", "Sort must be oldest, newest, price, -price or startsAt"),
        ("sort=price&after=1", "after", "After must be what the link to the page says"),
    ] {
        let answer = tickets.app.get(None, &format!("/api/tickets?{query}")).await;
        answer.expect_errors(400, &[(message, Some(field))]);
    }
    let long = format!("/api/tickets?q={}", "a".repeat(201));
    tickets.app.get(None, &long).await.expect_errors(400, &[("Search must be at most 200 characters", Some("q"))]);
}

#[tokio::test]
async fn what_is_reserved_withdrawn_or_has_begun_is_found_by_no_search() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let offer = async || tickets.offer_with(&seller, json!({"title": "Tosca", "price": 20, "city": "Paris"})).await;
    let [reserved, withdrawn, begun, left] = [offer().await, offer().await, offer().await, offer().await];
    tickets.order(reserved).await;
    tickets.withdraw(&seller, withdrawn).await.expect(204);
    let past = mongodb::bson::DateTime::from_millis(1_700_000_000_000);
    tickets.db_set(begun, doc! {"listed.sale.begins": past}).await;
    for query in ["", "q=tosca", "city=paris", "sort=price", "sort=startsAt", "sort=newest"] {
        let is_alone = async || (found(&tickets, query).await == [left]).then_some(());
        eventually(query, is_alone).await;
    }
}

#[tokio::test]
async fn a_ticket_of_an_earlier_version_is_found_as_soon_as_it_was_looked_after() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = Id::generate();
    let stored = doc! {"_id": ObjectId::from(id), "title": "Tosca", "price": 20, "userId": seller.id.to_string()};
    tickets.db_insert(stored).await;
    eventually("it is found", async || (found(&tickets, "q=tosca").await == [id]).then_some(())).await;
    let other = tickets.stop().await;
    other
        .database
        .collection::<mongodb::bson::Document>("tickets")
        .update_many(doc! {}, doc! {"$unset": {"listed": ""}})
        .await
        .unwrap();
    let tickets = other.start_again().await;
    assert_eq!(found(&tickets, "q=tosca").await, [id], "before the service is ready");
}

#[tokio::test]
async fn every_sort_walks_an_index_and_few_matches_are_read_without_walking_the_rest() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    for number in 0..60 {
        tickets.offer_with(&seller, json!({"title": format!("Concert {number}"), "price": 20, "city": "Paris"})).await;
    }
    for (query, most) in [
        ("limit=10", 11),
        ("limit=10&sort=newest", 11),
        ("limit=10&sort=price", 11),
        ("limit=10&sort=-price", 11),
        ("limit=10&sort=startsAt", 11),
        ("q=57&sort=price", 2),
        ("event=65a1b2c3d4e5f60718293a4b", 0),
    ] {
        let examined = tickets.db_most_examined(async { drop(found(&tickets, query).await) }).await;
        assert!(examined <= most, "{query} examined {examined}");
    }
}

#[tokio::test]
async fn an_edit_moves_a_ticket_to_its_new_place() {
    let tickets = TestApp::start().await;
    let seller = User::new();
    let id = tickets.offer_with(&seller, json!({"title": "Tosca", "price": 20, "city": "Paris"})).await;
    let body = json!({"title": "Aida", "price": 90, "city": "Lyon"});
    let edited = tickets.app.put(Some(&seller), &format!("/api/tickets/{id}"), body).await.expect(200).body;
    assert_ne!(edited["event"], Value::Null);
    assert_eq!(found(&tickets, "q=tosca").await, []);
    assert_eq!(found(&tickets, "q=aida&city=lyon&min=90").await, [id]);
}
