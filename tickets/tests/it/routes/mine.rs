use common::id::Id;
use common::testing::User;
use mongodb::bson::doc;
use serde_json::{Value, json};

use crate::app::{DEADLINE, TestApp, ids};

async fn mine(tickets: &TestApp, seller: &User) -> Vec<Value> {
    let answer = tickets.app.get(Some(seller), "/api/tickets/mine").await.expect(200);
    answer.body.as_array().unwrap().clone()
}

async fn offer(tickets: &TestApp, seller: &User) -> Id {
    tickets.offer(seller, "Concert", 20).await.expect(201).id()
}

#[tokio::test]
async fn a_seller_sees_each_listing_as_everybody_does_and_its_state() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = offer(&tickets, &seller).await;
    let mut expected = tickets.show(id).await;
    expected["state"] = json!("onSale");
    assert_eq!(mine(&tickets, &seller).await, [expected]);
}

#[tokio::test]
async fn the_state_of_a_listing_follows_its_orders() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = offer(&tickets, &seller).await;
    let state = async || mine(&tickets, &seller).await.remove(0);
    let order = tickets.order(id).await;
    let held = state().await;
    assert_eq!((&held["state"], &held["orderId"]), (&json!("held"), &json!(order)));
    assert_eq!(held["heldUntil"], json!(DEADLINE));
    tickets.cancel(order, id).await;
    let free = state().await;
    assert_eq!((&free["state"], free.get("heldUntil"), free.get("orderId")), (&json!("onSale"), None, None));
    tickets.sell(id, &User::new()).await;
    let sold = state().await;
    assert_eq!((&sold["state"], sold.get("heldUntil")), (&json!("sold"), None));
}

#[tokio::test]
async fn a_listing_whose_event_has_begun_is_over_unless_it_was_sold() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let [over, sold, withdrawn] = [(); 3].map(|()| offer(&tickets, &seller));
    let (over, sold, withdrawn) = (over.await, sold.await, withdrawn.await);
    tickets.sell(sold, &User::new()).await;
    tickets.withdraw(&seller, withdrawn).await.expect(204);
    for id in [over, sold, withdrawn] {
        tickets.db_set(id, doc! {"startsAt": "2020-06-12T20:00:00+02:00"}).await;
    }
    let states: Vec<Value> = mine(&tickets, &seller).await.iter().map(|listing| listing["state"].clone()).collect();
    assert_eq!(states, ["withdrawn", "sold", "over"]);
}

#[tokio::test]
async fn a_withdrawn_listing_is_still_the_sellers() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = offer(&tickets, &seller).await;
    tickets.withdraw(&seller, id).await.expect(204);
    let listing = mine(&tickets, &seller).await.remove(0);
    let expected = json!({
        "id": id, "title": "Concert", "price": 20, "userId": seller.id, "version": 1, "state": "withdrawn"
    });
    assert_eq!(listing, expected);
}

#[tokio::test]
async fn a_listing_that_the_original_reserved_is_held() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = offer(&tickets, &seller).await;
    tickets.db_set(id, doc! {"orderId": Id::generate().to_string()}).await;
    let listing = mine(&tickets, &seller).await.remove(0);
    assert_eq!((&listing["state"], listing.get("heldUntil")), (&json!("held"), None));
}

#[tokio::test]
async fn somebody_elses_listings_are_not_among_them() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    tickets.some_ticket().await;
    assert!(mine(&tickets, &seller).await.is_empty());
}

#[tokio::test]
async fn the_newest_comes_first_a_page_at_a_time() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let mut all = Vec::new();
    for _ in 0..5 {
        all.insert(0, offer(&tickets, &seller).await);
    }
    let (mut walked, mut next) = (Vec::new(), "/api/tickets/mine?limit=2".to_owned());
    while !next.is_empty() {
        let page = tickets.app.get(Some(&seller), &next).await.expect(200);
        walked.extend(ids(&page));
        let link = page.header("link").strip_prefix('<').and_then(|link| link.strip_suffix(r#">; rel="next""#));
        next = link.unwrap_or_default().to_owned();
    }
    assert_eq!(walked, all);
    let oldest = tickets.app.get(Some(&seller), "/api/tickets/mine?sort=oldest").await.expect(200);
    assert_eq!(ids(&oldest), all, "this list has one order");
}

#[tokio::test]
async fn no_ticket_of_anybody_else_is_read_for_it() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    offer(&tickets, &seller).await;
    for _ in 0..20 {
        tickets.some_ticket().await;
    }
    assert_eq!(tickets.db_most_examined(async { drop(mine(&tickets, &seller).await) }).await, 1);
}
