use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::{get, post};
use common::extract::{Fields, Valid, ValidJson};
use common::routes::Routes;
use common::service::Service;
use common::testing::{App, eventually};
use futures::future::join_all;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::wire::{Said, Wire};

const ANSWERED: Said = Said { status: 200, is_last: false };
const ANSWERED_LAST: Said = Said { status: 200, is_last: true };

/// Well below the 20 s that an end may take.
const SOON: Duration = Duration::from_secs(8);

/// Says something at `/`, and more than any buffer holds at `/long`.
fn service() -> Service {
    service_with(Router::new())
}

fn service_with(routes: Router) -> Service {
    let long = || async { vec![b'x'; 64 * 1024 * 1024] };
    let json = Routes::new().post("/json", async |ValidJson(Nothing): ValidJson<Nothing>| ()).into_router(());
    let plain = Router::new().route("/", get(|| async { "hello" })).route("/long", get(long));
    Service::new().routes(plain.merge(json).merge(routes))
}

struct Nothing;

impl Valid for Nothing {
    fn read(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }
}

async fn start() -> App {
    App::start(service()).await
}

/// Ends it, which must succeed and not take long.
async fn stop_soon(app: App) {
    let began = Instant::now();
    app.stop().await.unwrap();
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn requests_come_one_after_another_over_one_connection() {
    let app = start().await;
    let mut wire = Wire::open(&app.url).await;
    for _ in 0..3 {
        assert_eq!(wire.get("/").await, ANSWERED);
    }
}

#[tokio::test]
async fn a_client_that_takes_too_long_over_its_head_is_cut_off_and_others_are_answered() {
    let app = App::start(service().idle_limit(Duration::from_millis(500))).await;
    let (mut slow, mut silent) = (Wire::open(&app.url).await, Wire::open(&app.url).await);
    slow.send("GET / HTTP/1.1\r\nhost: te").await;
    assert_eq!(Wire::open(&app.url).await.get("/").await, ANSWERED);
    slow.closed().await;
    silent.closed().await;
}

#[tokio::test]
async fn a_head_that_has_begun_has_little_time_and_a_connection_without_one_much() {
    let app = App::start(service().slow_limit(Duration::from_millis(300))).await;
    let (mut used, mut unused) = (Wire::open(&app.url).await, Wire::open(&app.url).await);
    assert_eq!(used.get("/").await, ANSWERED);
    let (mut silent, mut slow) = (Wire::open(&app.url).await, Wire::open(&app.url).await);
    assert_eq!(slow.get("/").await, ANSWERED);
    for wire in [&mut silent, &mut slow] {
        wire.send("GET / HTTP/1.1\r\nhost: te").await;
    }
    silent.closed().await;
    slow.closed().await;
    // Also one that is never silent for long.
    let mut dripping = Wire::open(&app.url).await;
    dripping.send("GET / HTTP/1.1\r\na: ").await;
    while dripping.try_send("x").await.is_ok() {
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(used.get("/").await, ANSWERED);
    assert_eq!(unused.get("/").await, ANSWERED);
}

const POST_HEAD: &str =
    "POST /json HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";

#[tokio::test]
async fn a_body_that_makes_no_progress_is_answered_408_and_its_connection_closed() {
    let app = App::start(service().slow_limit(Duration::from_millis(300))).await;
    let (mut begun, mut none) = (Wire::open(&app.url).await, Wire::open(&app.url).await);
    begun.send(&format!("{POST_HEAD}{{")).await;
    none.send(POST_HEAD).await;
    for wire in [&mut begun, &mut none] {
        assert_eq!(wire.answer().await.status, 408);
        wire.closed().await;
    }
}

#[tokio::test]
async fn a_body_that_makes_progress_is_waited_for_within_the_limit_of_a_request() {
    let app = App::start(service().slow_limit(Duration::from_millis(2000))).await;
    let mut steady = Wire::open(&app.url).await;
    steady.send(&format!("{POST_HEAD}{{")).await;
    let endless = TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    let (mut answer, mut request) = endless.into_split();
    let dripping = tokio::spawn(async move {
        request.write_all(POST_HEAD.replace("100", "100000").as_bytes()).await.unwrap();
        while request.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    });
    for _ in 0..49 {
        sleep(Duration::from_millis(50)).await;
        steady.send("  ").await;
    }
    steady.send("}").await;
    assert_eq!(steady.answer().await, ANSWERED);
    let mut status = [0; 12];
    answer.read_exact(&mut status).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&status), "HTTP/1.1 408");
    dripping.abort();
}

#[tokio::test]
async fn a_head_that_is_longer_than_any_entrance_lets_through_is_refused() {
    let app = start().await;
    let mut wire = Wire::open(&app.url).await;
    let _ = wire.try_send(&format!("GET / HTTP/1.1\r\nhost: test\r\na: {}\r\n\r\n", "a".repeat(300_000))).await;
    assert_eq!(wire.answer().await.status, 431);
}

#[tokio::test]
async fn large_bodies_share_a_room_and_those_that_find_none_are_told_to_come_back() {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    let read = async |mut body: Body| {
        let mut bytes = Vec::new();
        while let Some(Ok(frame)) = body.frame().await {
            bytes.extend(frame.into_data().unwrap_or_default());
            LAST.store(bytes.len(), Ordering::SeqCst);
        }
    };
    let app = App::start(service_with(Router::new().route("/read", post(read))).room(1_000_000)).await;
    let head = |bytes: usize| format!("POST /read HTTP/1.1\r\nhost: test\r\ncontent-length: {bytes}\r\n\r\n");
    let send = async |bytes: usize| {
        let mut wire = Wire::open(&app.url).await;
        wire.send(&head(bytes)).await;
        wire.send(&"x".repeat(bytes)).await;
        wire.answer().await.status
    };
    assert_eq!(send(900_000).await, 200);
    let mut large = Wire::open(&app.url).await;
    large.send(&head(900_000)).await;
    large.send(&"x".repeat(800_000)).await;
    eventually("it is read", async || (LAST.load(Ordering::SeqCst) == 800_000).then_some(())).await;
    assert_eq!(send(500_000).await, 503);
    assert_eq!(send(4_000).await, 200);
    large.send(&"x".repeat(100_000)).await;
    assert_eq!(large.answer().await.status, 200);
    assert_eq!(send(900_000).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_far_too_much_gets_its_413_every_time() {
    let app = start().await;
    for _ in 0..30 {
        let mut wire = Wire::open(&app.url).await;
        wire.send(
            "POST /json HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: 3000000\r\n\r\n",
        )
        .await;
        wire.send(&" ".repeat(3_000_000)).await;
        assert_eq!(wire.answer().await.status, 413);
    }
}

#[tokio::test]
async fn on_stop_a_connection_that_is_not_used_is_closed() {
    let app = start().await;
    let (mut used, mut unused) = (Wire::open(&app.url).await, Wire::open(&app.url).await);
    assert_eq!(used.get("/").await, ANSWERED);
    stop_soon(app).await;
    used.closed().await;
    unused.closed().await;
}

#[tokio::test]
async fn on_stop_a_client_that_never_pauses_loses_no_request() {
    let app = start().await;
    let answered = Arc::new(AtomicUsize::new(0));
    let clients = (0..8).map(|_| {
        let (url, answered) = (app.url.clone(), answered.clone());
        tokio::spawn(async move {
            let mut wire = Wire::open(&url).await;
            loop {
                let said = wire.get("/").await;
                answered.fetch_add(1, Ordering::Relaxed);
                if said == ANSWERED_LAST {
                    return wire.closed().await;
                }
                assert_eq!(said, ANSWERED);
            }
        })
    });
    let clients: Vec<_> = clients.collect();
    eventually("all are busy", async || (answered.load(Ordering::Relaxed) > 500).then_some(())).await;
    app.begin_to_stop();
    for client in join_all(clients).await {
        client.unwrap();
    }
    stop_soon(app).await;
}

#[tokio::test]
async fn on_stop_who_comes_within_a_moment_is_still_answered() {
    let app = start().await;
    let mut kept = Wire::open(&app.url).await;
    assert_eq!(kept.get("/").await, ANSWERED);
    app.begin_to_stop();
    let mut late = Wire::open(&app.url).await;
    assert_eq!(late.get("/").await, ANSWERED_LAST);
    late.closed().await;
    assert_eq!(kept.get("/").await, ANSWERED_LAST);
    kept.closed().await;
    stop_soon(app).await;
}

#[tokio::test]
async fn on_stop_nobody_waits_for_a_client_that_is_slow_with_its_head() {
    let app = start().await;
    let (mut first, mut second) = (Wire::open(&app.url).await, Wire::open(&app.url).await);
    first.send("GET / HTTP/1.1\r\nhost: te").await;
    assert_eq!(second.get("/").await, ANSWERED);
    second.send("GET / HTTP/1.1\r\n").await;
    stop_soon(app).await;
    first.closed().await;
    second.closed().await;
}

#[tokio::test]
async fn on_stop_nobody_waits_for_a_client_that_does_not_take_its_answer() {
    let app = start().await;
    let mut wire = Wire::open(&app.url).await;
    wire.send("GET /long HTTP/1.1\r\nhost: test\r\n\r\n").await;
    // The answer is on its way, and stays there.
    eventually("the request was heard", async || app.metrics().await.contains("/long").then_some(())).await;
    stop_soon(app).await;
}

#[tokio::test]
async fn on_stop_the_first_request_of_a_new_connection_is_waited_for_a_moment() {
    let app = start().await;
    let (mut begun, mut silent) = (Wire::open(&app.url).await, Wire::open(&app.url).await);
    begun.send("GET / HTTP/1.1\r\n").await;
    app.begin_to_stop();
    let address = app.url.trim_start_matches("http://");
    eventually("the socket is closed", async || TcpStream::connect(address).await.is_err().then_some(())).await;
    begun.send("host: test\r\n\r\n").await;
    assert_eq!(begun.answer().await, ANSWERED_LAST);
    assert_eq!(silent.get("/").await, ANSWERED_LAST);
    stop_soon(app).await;
}
