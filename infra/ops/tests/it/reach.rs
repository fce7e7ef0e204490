//! `ops reach`.

use std::time::{Duration, Instant};

use infra_local::ports;
use tokio::net::TcpListener;

use crate::command::{Running, ops};

#[tokio::test]
async fn a_port_that_somebody_listens_on_can_be_reached() {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    ops(&format!("reach {address}"), &[]).await.expect_success().expect_line(&format!("{address} can be reached"));
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_cannot_and_the_reason_is_told() {
    let address = format!("127.0.0.1:{}", ports::free().unwrap());
    let started = Instant::now();
    ops(&format!("reach {address} --within 1"), &[]).await.expect_failure(1, "Connection refused");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_name_that_does_not_exist_cannot_be_reached() {
    ops("reach nowhere.invalid:80 --within 1", &[])
        .await
        .expect_failure(1, "waited 1 s for nowhere.invalid:80 in vain");
}

#[tokio::test]
async fn a_port_that_opens_a_little_later_is_waited_for() {
    let port = ports::free().unwrap();
    let reach = Running::begin(&format!("reach 127.0.0.1:{port} --within 60"), &[]);
    reach.says("Connection refused").await;
    let _socket = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    reach.finish().await.expect_success();
}

#[tokio::test]
async fn whoever_waits_ends_when_told_to() {
    let reach = Running::begin(&format!("reach 127.0.0.1:{} --within 600", ports::free().unwrap()), &[]);
    reach.says("Connection refused").await;
    reach.terminate();
    reach.finish().await.expect_failure(1, "stopped by SIGTERM");
}
