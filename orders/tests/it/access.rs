use common::id::Id;
use common::testing::{Answer, App, FEW_CHANGES, User, limits_changes, refuses_other_sites};
use orders::routes::routes;
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;

const NOT_AUTHORIZED: (&str, Option<&str>) = ("Not authorized", None);

async fn ask(orders: &TestApp, user: Option<&User>, (method, path): &(Method, &str), id: Id) -> Answer {
    let mut request = orders.app.request(method.clone(), &path.replace("{id}", &id.to_string()));
    if let Some(user) = user {
        request = request.header("cookie", &user.cookie);
    }
    let body = json!({"ticketId": id}).to_string();
    App::send(request.header("content-type", "application/json").body(body)).await
}

#[tokio::test]
async fn without_a_session_nothing_is_allowed() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    for route in routes().table() {
        ask(&orders, None, route, order).await.expect_errors(401, &[NOT_AUTHORIZED]);
    }
    assert_eq!(orders.status(&buyer, order).await, "created");
}

#[tokio::test]
async fn a_session_that_was_tampered_with_is_none() {
    let (orders, mut buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    buyer.cookie.truncate(buyer.cookie.len() - 4);
    for route in routes().table() {
        ask(&orders, Some(&buyer), route, order).await.expect_errors(401, &[NOT_AUTHORIZED]);
    }
}

#[tokio::test]
async fn without_a_session_nobody_learns_which_orders_there_are() {
    let orders = TestApp::start().await;
    for route in routes().table() {
        ask(&orders, None, route, Id::generate()).await.expect_errors(401, &[NOT_AUTHORIZED]);
    }
}

#[tokio::test]
async fn somebody_elses_order_is_out_of_reach() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    for route in routes().table().iter().filter(|(_, path)| path.contains("{id}")) {
        ask(&orders, Some(&User::new()), route, order).await.expect_errors(401, &[NOT_AUTHORIZED]);
    }
    assert_eq!(orders.status(&buyer, order).await, "created");
}

#[tokio::test]
async fn nothing_is_changed_from_a_page_of_another_site() {
    let (orders, buyer) = (TestApp::start().await, User::new());
    let order = orders.some_order(&buyer).await;
    refuses_other_sites(&orders.app, &routes(), &buyer, order, &json!({"ticketId": order})).await;
    assert_eq!(orders.status(&buyer, order).await, "created");
}

#[tokio::test]
async fn too_many_changes_of_an_account_or_an_address_are_limited() {
    let orders = TestApp::start_with(&FEW_CHANGES).await;
    limits_changes(&orders.app, "/api/orders").await;
}
