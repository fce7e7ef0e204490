//! The edge router between a real client and real backends.

use std::collections::HashMap;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::any;
use http_body_util::StreamBody;
use hyper::body::Frame;
use infra_local::{edge, ports};
use reqwest::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::http;

/// Answers with its name, the path and the headers that it was given.
async fn backend(name: &'static str, port: u16) {
    let echo = move |request: Request| async move {
        let mut text = format!("{name} {} {}\n", request.method(), request.uri());
        for (header, value) in request.headers() {
            text += &format!("{header}: {}\n", value.to_str().unwrap());
        }
        let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
        ([("connection", "x-hop"), ("x-hop", "1"), ("x-end", "2")], format!("{text}body: {}", body.len()))
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(any(echo))).await.unwrap() });
}

/// An edge before services of the ingress, of which `tickets` does not run and `orders` is nowhere.
async fn edge() -> (String, u16) {
    let mut backends = HashMap::new();
    for name in ["auth", "client", "payments", "tickets"] {
        let port = ports::free().unwrap();
        backends.insert(name.to_owned(), format!("127.0.0.1:{port}"));
        if name != "tickets" {
            backend(name, port).await;
        }
    }
    let tickets = backends["tickets"].rsplit(':').next().unwrap().parse().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(edge::serve(listener, backends, std::future::pending()));
    (url, tickets)
}

async fn get(url: String) -> Response {
    http::client().unwrap().get(url).send().await.unwrap()
}

#[tokio::test]
async fn the_longest_prefix_wins_and_matches_whole_elements() {
    let (edge, _) = edge().await;
    let cases = [
        ("/api/users", "auth"),
        ("/api/users/", "auth"),
        ("/api/users/signin", "auth"),
        ("/api/users//a%2Fb?c", "auth"),
        ("/api/payments", "payments"),
        ("/api/usersfoo", "client"),
        ("/api", "client"),
        ("/", "client"),
        ("/orders/5", "client"),
    ];
    for (path, service) in cases {
        let text = get(format!("{edge}{path}")).await.text().await.unwrap();
        assert!(text.starts_with(&format!("{service} GET {path}\n")), "{path}: {text}");
    }
}

#[tokio::test]
async fn a_request_reaches_its_backend_with_path_query_and_body() {
    let (edge, _) = edge().await;
    let answer =
        http::client().unwrap().post(format!("{edge}/api/users/signup?a=1%202")).body("12345").send().await.unwrap();
    let text = answer.text().await.unwrap();
    assert!(text.starts_with("auth POST /api/users/signup?a=1%202\n"), "{text}");
    assert!(text.ends_with("body: 5"), "{text}");
    let text = get(format!("{edge}/tickets/new")).await.text().await.unwrap();
    assert!(text.starts_with("client GET /tickets/new\n"), "{text}");
}

#[tokio::test]
async fn the_client_address_is_forwarded_and_not_what_the_browser_says_it_is() {
    let (edge, _) = edge().await;
    let request = http::client()
        .unwrap()
        .get(&edge)
        .header("x-forwarded-for", "6.6.6.6")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "evil.example")
        .header("x-real-ip", "6.6.6.6")
        .header("forwarded", "for=6.6.6.6");
    let text = request.send().await.unwrap().text().await.unwrap();
    let host = edge.strip_prefix("http://").unwrap();
    for line in [
        "x-forwarded-for: 127.0.0.1".to_owned(),
        "x-real-ip: 127.0.0.1".to_owned(),
        "x-forwarded-proto: http".to_owned(),
        format!("x-forwarded-host: {host}"),
        format!("host: {host}"),
    ] {
        assert_eq!(text.lines().filter(|found| **found == line).count(), 1, "{line} in {text}");
    }
    assert!(!text.contains("6.6.6.6") && !text.contains("evil"), "{text}");
}

#[tokio::test]
async fn headers_of_one_connection_stay_on_it() {
    let (edge, _) = edge().await;
    let request = http::client()
        .unwrap()
        .get(&edge)
        .header("connection", "x-mine")
        .header("x-mine", "1")
        .header("te", "trailers");
    let answer = request.send().await.unwrap();
    assert!(answer.headers().contains_key("x-end") && !answer.headers().contains_key("x-hop"));
    let text = answer.text().await.unwrap();
    assert!(!text.contains("x-mine") && !text.contains("\nte:"), "{text}");
}

#[tokio::test]
async fn a_body_over_four_mebibytes_is_refused_with_and_without_a_length() {
    let (edge, _) = edge().await;
    let chunks = (0..65).map(|_| Ok::<_, std::io::Error>(Frame::data(Bytes::from(vec![b'x'; 64 * 1024]))));
    let streamed = reqwest::Body::wrap(StreamBody::new(futures::stream::iter(chunks)));
    for body in [vec![b'x'; 4 * 1024 * 1024 + 1].into(), streamed] {
        let answer = http::client().unwrap().post(&edge).body(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
    let answer = http::client().unwrap().post(&edge).body(vec![b'x'; 4 * 1024 * 1024]).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

/// A client as most are: it sends all of its request before it looks for the answer.
async fn post(edge: &str, path: &str, length: usize) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(edge.strip_prefix("http://").unwrap()).await?;
    let head = format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n");
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(&vec![b'x'; length]).await?;
    let mut status = [0; 12];
    connection.read_exact(&mut status).await?;
    Ok(String::from_utf8_lossy(&status).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_asks_first_is_told_413_before_it_sends_anything() {
    let (edge, _) = edge().await;
    let mut connection = TcpStream::connect(edge.strip_prefix("http://").unwrap()).await.unwrap();
    let head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000000\r\nexpect: 100-continue\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_sends_much_too_much_is_always_given_its_413() {
    let (edge, _) = edge().await;
    for _ in 0..30 {
        assert_eq!(post(&edge, "/", 9_000_000).await.unwrap(), "HTTP/1.1 413");
    }
}

#[tokio::test]
async fn a_service_that_is_unavailable_is_answered_for_with_503() {
    let (edge, _) = edge().await;
    for path in ["/api/tickets", "/api/orders"] {
        let answer = get(format!("{edge}{path}")).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()["retry-after"], "1");
        assert_eq!(
            answer.text().await.unwrap(),
            r#"{"errors":[{"message":"This service is unavailable, please try again"}]}"#
        );
    }
}

#[tokio::test]
async fn a_request_waits_a_moment_for_a_service_that_is_being_restarted() {
    let (edge, tickets) = edge().await;
    let answer = tokio::spawn(http::client().unwrap().post(format!("{edge}/api/tickets")).body("1").send());
    tokio::time::sleep(Duration::from_millis(50)).await;
    backend("tickets", tickets).await;
    assert!(answer.await.unwrap().unwrap().text().await.unwrap().starts_with("tickets POST /api/tickets\n"));
}
