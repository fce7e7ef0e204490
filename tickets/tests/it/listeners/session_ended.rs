use std::time::Duration;

use common::api::SessionBody;
use common::auth::Claims;
use common::events::SessionEnded;
use common::id::Id;
use common::testing::{App, User, eventually_within};
use common::timestamp::Timestamp;

use crate::app::TestApp;

/// A session of somebody, and its id.
fn session_of(user: Id) -> (User, Id) {
    let (id, iat) = (Id::generate(), Timestamp::now().millis() / 1000);
    let session = SessionBody { id: user, email: "ann@example.com".to_owned(), iat, verified: false };
    (User::with_claims(&Claims { session, session_id: Some(id) }), id)
}

async fn is_nobody(app: &App, user: &User) -> bool {
    app.get(Some(user), "/api/tickets/mine").await.status == 401
}

#[tokio::test]
async fn a_session_that_was_ended_is_nobodys_within_a_second_on_every_replica_and_after_a_restart() {
    let tickets = TestApp::start().await;
    let replica = tickets.start_another().await;
    let user = Id::generate();
    let ((ended, id), (other, _)) = (session_of(user), session_of(user));
    assert!(!is_nobody(&tickets.app, &ended).await);
    tickets.stream.publish(&SessionEnded { user_id: user, session_id: Some(id), before: None }).await;
    for app in [&tickets.app, &replica] {
        let look = async || is_nobody(app, &ended).await.then_some(());
        eventually_within(Duration::from_secs(1), "it is nobody's", look).await;
        assert!(!is_nobody(app, &other).await);
    }
    tickets.stream.wait_until_handled("tickets").await;
    replica.stop().await.unwrap();
    let tickets = tickets.stop().await.start_again().await;
    assert!(is_nobody(&tickets.app, &ended).await);
    assert!(!is_nobody(&tickets.app, &other).await);
}

#[tokio::test]
async fn all_sessions_that_began_before_a_moment_are_ended_and_later_ones_are_not() {
    let tickets = TestApp::start().await;
    let user = User::new();
    let now = Timestamp::now();
    let before = Timestamp::from_millis((now.millis() / 1000 + 1) * 1000);
    tickets.stream.publish(&SessionEnded { user_id: user.id, session_id: None, before: Some(before) }).await;
    tickets.stream.wait_until_handled("tickets").await;
    assert!(is_nobody(&tickets.app, &user).await);
    let iat = before.millis() / 1000;
    let later =
        User::with_session(&SessionBody { id: user.id, email: "ann@example.com".to_owned(), iat, verified: false });
    assert!(!is_nobody(&tickets.app, &later).await);
}

#[tokio::test]
async fn an_end_that_says_nothing_ends_nothing_and_blocks_nobody() {
    let tickets = TestApp::start().await;
    let user = User::new();
    tickets.stream.publish(&SessionEnded { user_id: user.id, session_id: None, before: None }).await;
    tickets.stream.wait_until_handled("tickets").await;
    assert!(!is_nobody(&tickets.app, &user).await);
}

#[tokio::test]
async fn what_was_not_heard_while_the_broker_was_unavailable_is_known_when_it_is_back() {
    let tickets = TestApp::start().await;
    let user = Id::generate();
    let (ended, id) = session_of(user);
    tickets.nats.kill().await.unwrap();
    tickets.nats.restart().await.unwrap();
    let broker = common::testing::broker(&tickets.nats).await;
    common::testing::eventually("the broker is back", async || broker.ready().await.ok()).await;
    let event = SessionEnded { user_id: user, session_id: Some(id), before: None };
    common::testing::eventually("it is published", async || broker.publish("end", &event).await.ok()).await;
    common::testing::eventually("it is nobody's", async || is_nobody(&tickets.app, &ended).await.then_some(())).await;
}
