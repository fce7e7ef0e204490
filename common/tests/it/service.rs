use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::extract::State;
use common::health::Check;
use common::mongo::Store;
use common::routes::Routes;
use common::service::{ServeError, Service, Sockets};
use common::testing::{self, App, eventually};
use reqwest::Method;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::counter::{Counted, Counter, Servers, insert};

/// A service with one route that answers when it is told to, after it has written something.
#[derive(Clone)]
struct Slow {
    counters: Store<Counter>,
    begun: Arc<Notify>,
    finish: Arc<Notify>,
}

async fn slow(State(slow): State<Slow>) -> &'static str {
    slow.begun.notify_one();
    slow.finish.notified().await;
    insert(&slow.counters).await;
    r#""done""#
}

#[tokio::test]
async fn on_stop_a_request_in_flight_is_answered_its_event_published_and_new_connections_are_refused() {
    let servers = Servers::new().await;
    let (outbox, relay) = servers.relay().await;
    let counters = Store::new(&servers.database, outbox);
    let state = Slow { counters, begun: Arc::default(), finish: Arc::default() };
    let routes = Routes::new().get("/slow", slow).into_router(state.clone());
    let check = Check::broker(servers.stream.broker());
    let app = App::start(Service::new().check(check).relay(relay).routes(routes)).await;
    let request = tokio::spawn(App::send(app.request(Method::GET, "/slow")));
    state.begun.notified().await;
    app.begin_to_stop();
    let address = app.url.trim_start_matches("http://").to_owned();
    eventually("connections are refused", async || TcpStream::connect(&address).await.is_err().then_some(())).await;
    let readiness = app.readiness().await.expect(503);
    assert_eq!(readiness.body["parts"]["process"], "stopping");
    state.finish.notify_one();
    assert_eq!(request.await.unwrap().expect(200).body, "done");
    app.stop().await.unwrap();
    assert_eq!(servers.stream.published::<Counted>().await.len(), 1);
    servers.db_outboxes_empty().await;
}

async fn sockets() -> Sockets {
    let bind = async || TcpListener::bind("127.0.0.1:0").await.unwrap();
    Sockets { public: bind().await, admin: bind().await }
}

async fn serve(service: Service) -> Result<(), ServeError> {
    service.serve(sockets().await, CancellationToken::new(), Duration::from_secs(5)).await
}

#[tokio::test]
async fn a_worker_that_ends_ends_the_service_with_a_failure_and_lets_the_others_finish() {
    let finished = Arc::new(Notify::new());
    let finish = finished.clone();
    let other = |stop: CancellationToken| async move {
        stop.cancelled().await;
        finish.notify_one();
    };
    let ended = serve(Service::new().worker("other", other).worker("sweep", async |_| {})).await;
    assert!(matches!(&ended, Err(ServeError::TaskEnded(name)) if name == "sweep"), "{ended:?}");
    finished.notified().await;
}

#[tokio::test]
async fn a_worker_that_panics_ends_the_service_with_a_failure() {
    let ended = serve(Service::new().worker("sweep", async |_| panic!("a bug"))).await;
    assert!(matches!(&ended, Err(ServeError::TaskEnded(_))), "{ended:?}");
}

#[tokio::test]
async fn what_is_not_finished_in_time_is_a_failure() {
    let stop = CancellationToken::new();
    stop.cancel();
    let service = Service::new().worker("stuck", async |_| std::future::pending().await);
    let ended = service.serve(sockets().await, stop, Duration::from_millis(100)).await;
    assert!(matches!(ended, Err(ServeError::NotDrained(..))), "{ended:?}");
}

#[tokio::test]
async fn a_service_is_ready_when_its_broker_has_answered_once_and_stays_so_without_it() {
    let nats = testing::new_nats().await;
    let broker = testing::broker(&nats).await;
    eventually("the broker is connected", async || broker.ready().await.ok()).await;
    let app = App::start(Service::new().check(Check::broker(&broker))).await;
    nats.kill().await.unwrap();
    eventually("the broker is missed", async || {
        let parts = app.readiness().await.expect(200).body["parts"].clone();
        (parts != json!({"broker": "ok"})).then_some(())
    })
    .await;
    let unheard_of = testing::broker(&nats).await;
    let app = App::start_unready(Service::new().check(Check::broker(&unheard_of))).await;
    assert_eq!(app.readiness().await.expect(503).body["ready"], false);
    nats.restart().await.unwrap();
    eventually("it is ready", async || (app.readiness().await.status == 200).then_some(())).await;
}

#[tokio::test]
async fn a_store_that_answered_once_and_then_hangs_makes_nobody_unready() {
    let asked = AtomicBool::new(false);
    let hanging = Check::new("hanging", move || {
        let is_first = !asked.swap(true, Ordering::Relaxed);
        async move { if is_first { Ok(()) } else { std::future::pending().await } }
    });
    let app = App::start_unready(Service::new().check(hanging)).await;
    assert_eq!(app.readiness().await.expect(200).body["parts"]["hanging"], "ok");
    let readiness = app.readiness().await.expect(200);
    assert_eq!(readiness.body["parts"]["hanging"], "unavailable: no answer within 200ms");
}

#[tokio::test]
async fn a_store_that_does_not_answer_makes_a_service_unready() {
    let silent = Check::new("silent", std::future::pending);
    let app = App::start_unready(Service::new().check(silent)).await;
    let readiness = app.readiness().await.expect(503);
    assert_eq!(readiness.body["parts"]["silent"], "unavailable: no answer within 1s");
}
