use common::events::TicketUpdated;
use common::id::Id;
use common::money::Money;
use common::testing::User;
use futures::future::join_all;
use serde_json::{Value, json};

use crate::app::TestApp;

const NO_TITLE: (&str, Option<&str>) = ("Title is required", Some("title"));
const PRICE_NOT_POSITIVE: (&str, Option<&str>) = ("Price must be greater than 0", Some("price"));
const RESERVED: (&str, Option<&str>) = ("Cannot edit a reserved ticket", None);

async fn ticket_of(tickets: &TestApp, seller: &User) -> Id {
    tickets.offer(seller, "Concert", 20).await.expect(201).id()
}

#[tokio::test]
async fn editing_answers_with_the_ticket_under_the_next_version() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    let answer = tickets.edit(&seller, id, " Opera ", "99.90").await.expect(200);
    let expected = json!({"id": id, "title": "Opera", "price": 99.9, "userId": seller.id, "version": 1});
    assert_eq!(answer.body, expected);
    assert_eq!(tickets.show(id).await, expected);
}

#[tokio::test]
async fn an_edit_is_published_as_ticket_updated() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    tickets.edit(&seller, id, "Opera", 99.9).await.expect(200);
    let published = tickets.stream.wait_for(1, |_: &TicketUpdated| true).await;
    let (title, price) = ("Opera".to_owned(), Money::from_cents(9990));
    let updated = TicketUpdated { id, version: 1, title, price, user_id: seller.id, order_id: None, starts_at: None };
    assert_eq!(published, [updated]);
}

#[tokio::test]
async fn somebody_elses_ticket_stays_as_it_is() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    let before = tickets.show(id).await;
    tickets.edit(&User::new(), id, "Opera", 1).await.expect_errors(401, &[("Not authorized", None)]);
    assert_eq!(tickets.show(id).await, before);
}

#[tokio::test]
async fn a_reserved_ticket_cannot_be_edited() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    tickets.order(id).await;
    tickets.edit(&seller, id, "Opera", 1).await.expect_errors(400, &[RESERVED]);
}

#[tokio::test]
async fn a_sold_ticket_cannot_be_edited() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    let order = tickets.order(id).await;
    tickets.complete(order, id).await;
    tickets.edit(&seller, id, "Opera", 1).await.expect_errors(400, &[RESERVED]);
}

#[tokio::test]
async fn a_ticket_that_was_given_back_can_be_edited_again() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    let order = tickets.order(id).await;
    tickets.cancel(order, id).await;
    let edited = tickets.edit(&seller, id, "Opera", 1).await.expect(200);
    assert_eq!(edited.body["version"], 3);
}

#[tokio::test]
async fn somebody_else_is_not_told_that_a_ticket_is_reserved() {
    let tickets = TestApp::start().await;
    let id = tickets.some_ticket().await;
    tickets.order(id).await;
    tickets.edit(&User::new(), id, "Opera", 1).await.expect_errors(401, &[("Not authorized", None)]);
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once_and_nothing_changes() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    tickets.edit(&seller, id, " ", -1).await.expect_errors(400, &[NO_TITLE, PRICE_NOT_POSITIVE]);
    assert_eq!(tickets.show(id).await["version"], 0);
}

#[tokio::test]
async fn an_edit_says_both_title_and_price() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let path = format!("/api/tickets/{}", ticket_of(&tickets, &seller).await);
    let put = async |body: Value| tickets.app.put(Some(&seller), &path, body).await;
    put(json!({"title": "Opera"})).await.expect_errors(400, &[PRICE_NOT_POSITIVE]);
    put(json!({"price": 20})).await.expect_errors(400, &[NO_TITLE]);
}

#[tokio::test]
async fn an_unknown_ticket_is_not_found() {
    let tickets = TestApp::start().await;
    tickets.edit(&User::new(), Id::generate(), "Opera", 1).await.expect_errors(404, &[("Not found", None)]);
}

#[tokio::test]
async fn a_malformed_id_is_not_found() {
    let (tickets, user) = (TestApp::start().await, User::new());
    for id in ["1", "concert", "65a1b2c3d4e5f60718293a4"] {
        let body = json!({"title": "Opera", "price": 1});
        let answer = tickets.app.put(Some(&user), &format!("/api/tickets/{id}"), body).await;
        answer.expect_errors(404, &[("Not found", None)]);
    }
}

#[tokio::test]
async fn of_twenty_edits_at_the_same_time_each_gets_a_version_of_its_own() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    let answers = join_all((1..=20).map(|price| tickets.edit(&seller, id, "Opera", price))).await;
    let mut versions: Vec<i64> =
        answers.into_iter().map(|answer| answer.expect(200).body["version"].as_i64().unwrap()).collect();
    versions.sort_unstable();
    assert_eq!(versions, (1..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_events_of_edits_at_the_same_time_stand_in_the_order_of_their_versions() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    join_all((1..=20).map(|price| tickets.edit(&seller, id, "Opera", price))).await;
    tickets.db_all_published().await;
    let published: Vec<TicketUpdated> = tickets.stream.published().await;
    let last = tickets.show(id).await;
    let versions: Vec<i32> = published.iter().map(|event| event.version).collect();
    assert_eq!(versions, (1..=versions.len() as i32).collect::<Vec<_>>());
    let newest = published.last().unwrap();
    assert_eq!((json!(newest.version), json!(newest.price)), (last["version"].clone(), last["price"].clone()));
}

#[tokio::test]
async fn an_edit_and_an_order_at_the_same_time_agree_on_what_the_ticket_is() {
    let (tickets, seller) = (TestApp::start().await, User::new());
    let id = ticket_of(&tickets, &seller).await;
    let (edited, order) = tokio::join!(tickets.edit(&seller, id, "Opera", 1), tickets.order(id));
    let shown = tickets.show(id).await;
    assert_eq!(shown["orderId"], json!(order));
    match edited.status {
        200 => assert_eq!((&shown["title"], &shown["version"]), (&json!("Opera"), &json!(2))),
        _ => {
            assert_eq!((&shown["title"], &shown["version"]), (&json!("Concert"), &json!(1)));
            edited.expect_errors(400, &[RESERVED]);
        }
    }
}
