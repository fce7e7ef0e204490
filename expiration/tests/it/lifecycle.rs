use std::process::{Command, Output};
use std::time::{Duration, Instant};

use common::id::Id;
use common::testing::eventually;
use futures::future::join_all;
use infra_local::ports;
use infra_local::process::{Process, Program};
use tokio::net::TcpStream;

use crate::app::{Environment, created, in_millis};

const PROGRAM: &str = env!("CARGO_BIN_EXE_expiration");

/// Runs the program to its end, without any of our own environment.
fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(PROGRAM).args(arguments).env_clear().envs(environment.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The real process over the test's servers, listening on its admin port.
async fn start(environment: &Environment) -> Process {
    let (api, admin) = (ports::free().unwrap(), ports::free().unwrap());
    let process = Program::new("expiration", PROGRAM)
        .environment("NATS_URL", environment.nats.url())
        .environment("REDIS_HOST", environment.redis.url())
        .environment("LISTEN_ADDR", format!("127.0.0.1:{api}"))
        .environment("ADMIN_ADDR", format!("127.0.0.1:{admin}"))
        .log_to("/dev/null")
        .spawn()
        .unwrap();
    let http = common::http_client::builder().build().unwrap();
    let url = format!("http://127.0.0.1:{admin}/readyz");
    eventually("the process is ready", async || {
        let answer = http.get(&url).send().await.ok()?;
        answer.status().is_success().then_some(())
    })
    .await;
    process
}

#[tokio::test]
async fn on_sigterm_the_process_ends_in_good_order_and_leaves_nothing_undone() {
    let environment = Environment::new().await;
    let mut process = start(&environment).await;
    let orders: Vec<_> = (0..300).map(|i| created(Id::generate(), in_millis(i))).collect();
    join_all(orders.iter().map(|order| environment.stream.publish(order))).await;
    let ended = process.stop(Duration::from_secs(10)).await.unwrap();
    assert!(ended.is_success(), "{ended}");
    let started = Instant::now();
    let _next = start(&environment).await;
    let mut expired = environment.expired(orders.len()).await;
    // Nothing had to wait until the broker missed an ack.
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    expired.sort();
    assert_eq!(expired, orders.iter().map(|order| order.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn killed_amid_its_work_it_leaves_nothing_undone() {
    let environment = Environment::new().await;
    let mut process = start(&environment).await;
    let orders: Vec<_> = (0..300).map(|i| created(Id::generate(), in_millis(1000 + i * 5))).collect();
    join_all(orders.iter().map(|order| environment.stream.publish(order))).await;
    environment.handled().await;
    environment.expired(100).await;
    process.kill().await.unwrap();
    let _next = start(&environment).await;
    environment.db_empty().await;
    let mut expired = environment.expired(orders.len()).await;
    expired.sort();
    assert_eq!(expired, orders.iter().map(|order| order.id).collect::<Vec<_>>());
}

#[test]
fn a_missing_variable_is_named_and_the_exit_code_is_64() {
    for (environment, missing) in
        [(&[("NATS_URL", "nats://localhost")], "--redis-host"), (&[("REDIS_HOST", "redis://localhost")], "--nats-url")]
    {
        let output = run(&[], environment);
        assert_eq!(output.status.code(), Some(64));
        assert!(text(&output.stderr).contains(missing), "{}", text(&output.stderr));
    }
}

#[test]
fn a_malformed_variable_is_named_without_its_value_and_the_exit_code_is_64() {
    for (redis_host, nats_url, named) in
        [("redis://:hunter2@host:port", "nats://localhost", "REDIS_HOST"), ("host", "nats://:hunter2@::", "NATS_URL")]
    {
        let output = run(&[], &[("REDIS_HOST", redis_host), ("NATS_URL", nats_url)]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(64), "{said}");
        assert!(said.contains(named) && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn help_lists_every_variable_and_shows_no_secret() {
    let secrets = [("REDIS_HOST", "redis://:hunter2@host"), ("NATS_URL", "nats://:hunter2@host")];
    let output = run(&["--help"], &secrets);
    assert!(output.status.success());
    let help = text(&output.stdout);
    for variable in [
        "ADMIN_ADDR",
        "DRAIN_SECONDS",
        "LISTEN_ADDR",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "NATS_URL",
        "REDIS_HOST",
        "STREAM_REPLICAS",
    ] {
        assert!(help.contains(variable), "{variable}: {help}");
    }
    assert!(!help.contains("hunter2"), "{help}");
}

#[tokio::test]
async fn a_service_without_routes_takes_no_connections_but_its_admin_ports() {
    let environment = Environment::new().await;
    let replica = environment.replica().await;
    let address = replica.url.trim_start_matches("http://");
    assert!(TcpStream::connect(address).await.is_err());
}
