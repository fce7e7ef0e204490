use axum::Json;
use axum::extract::FromRef;
use common::api::SessionBody;
use common::auth::{Ended, Operator, Operators, Sessions};
use common::config::{OperatorConfig, SessionConfig};
use common::id::Id;
use common::routes::Routes;
use common::service::Service;
use common::testing::{App, JWT_KEY, User};
use common::timestamp::Timestamp;

#[derive(Clone, FromRef)]
struct Office {
    sessions: Sessions,
    operators: Operators,
}

async fn office(Operator(operator): Operator) -> Json<Id> {
    Json(operator.id)
}

async fn start(admin_ids: &str) -> App {
    let config = OperatorConfig { admin_ids: admin_ids.parse().unwrap() };
    let sessions = Sessions::new(&SessionConfig { jwt_key: JWT_KEY.parse().unwrap() }, Ended::default());
    let office_of = Office { sessions, operators: Operators::new(&config) };
    App::start(Service::new().routes(Routes::new().get("/office", office).into_router(office_of))).await
}

#[tokio::test]
async fn an_operator_is_whoever_the_configuration_names() {
    let [one, other] = [User::new(), User::new()];
    let app = start(&format!(" {} ,{},", one.id, other.id)).await;
    for operator in [&one, &other] {
        assert_eq!(app.get(Some(operator), "/office").await.expect(200).body, operator.id.to_string());
    }
}

#[tokio::test]
async fn for_everybody_else_there_is_no_such_resource() {
    let operator = User::new();
    let app = start(&operator.id.to_string()).await;
    let mut forged = operator.clone();
    forged.cookie.truncate(forged.cookie.len() - 4);
    for visitor in [None, Some(&User::new()), Some(&forged)] {
        app.get(visitor, "/office").await.expect_errors(404, &[("Not found", None)]);
    }
}

#[tokio::test]
async fn whoever_has_not_proved_an_address_is_no_operator() {
    let (id, iat) = (Id::generate(), Timestamp::now().millis() / 1000);
    let app = start(&id.to_string()).await;
    let with = |verified| User::with_session(&SessionBody { id, email: "ann@example.com".to_owned(), iat, verified });
    app.get(Some(&with(false)), "/office").await.expect_errors(404, &[("Not found", None)]);
    app.get(Some(&with(true)), "/office").await.expect(200);
}

#[tokio::test]
async fn by_default_nobody_is_an_operator() {
    start("").await.get(Some(&User::new()), "/office").await.expect(404);
}

#[test]
fn a_malformed_id_of_an_operator_is_named() {
    let malformed = common::config::Ids::default();
    assert_eq!("".parse(), Ok(malformed));
    let error = "65a1b2c3d4e5f60718293a4b,root".parse::<common::config::Ids>().unwrap_err();
    assert_eq!(error, "\"root\" is not an id of 24 hex digits");
}
