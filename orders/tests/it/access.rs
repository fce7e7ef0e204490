use common::id::Id;
use common::testing::{Answer, App, User};
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
    for (method, path) in routes().table().iter().filter(|(method, _)| *method != Method::GET) {
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let request = orders.app.request(method.clone(), &path.replace("{id}", &order.to_string()));
            let request = request.header("cookie", &buyer.cookie).header(name, value);
            App::send(request).await.expect_errors(403, &[("Not allowed from another site", None)]);
        }
    }
    assert_eq!(orders.status(&buyer, order).await, "created");
}

#[tokio::test]
async fn too_many_changes_of_an_account_or_an_address_are_limited() {
    let orders = TestApp::start_with(&[("writes-per-minute", "2"), ("address-writes-per-minute", "4")]).await;
    let change = async |user: &User, address: &str| {
        let request = orders.app.request(Method::POST, "/api/orders").header("cookie", &user.cookie);
        App::send(request.header("x-forwarded-for", address)).await.status
    };
    let (ann, bob) = (User::new(), User::new());
    for (user, address, limited) in [
        (&ann, "192.0.2.1", false),
        (&ann, "192.0.2.1", false),
        (&ann, "192.0.2.2", true),
        (&bob, "192.0.2.1", false),
        (&bob, "192.0.2.1", false),
        (&User::new(), "192.0.2.1", true),
        (&User::new(), "192.0.2.2", false),
    ] {
        assert_eq!(change(user, address).await == 429, limited);
    }
}
