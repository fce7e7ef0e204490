//! Real servers: found or fetched, started, taken away and brought back.

use std::path::PathBuf;
use std::time::Duration;

use infra_local::process::Signal;
use infra_local::servers::mongod::with_database;
use infra_local::servers::{fetch, nats};
use infra_local::{Home, Mongod, Nats, Redis, ports};
use mongodb::Client;
use mongodb::bson::{Document, doc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a server answers to some bytes, until it says what is expected.
async fn ask(url: &str, question: &str, until: &str) -> String {
    let address = url.split("//").nth(1).unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(question.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let mut bytes = [0; 4096];
    while !answer.contains(until) {
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut bytes)).await;
        let count = read.unwrap_or_else(|_| panic!("no `{until}` in `{answer}`")).unwrap();
        assert!(count > 0, "no `{until}` in `{answer}`");
        answer.push_str(&String::from_utf8_lossy(&bytes[..count]));
    }
    answer
}

async fn nats_request(nats: &Nats, subject: &str, payload: &str) -> String {
    let length = payload.len();
    let talk =
        format!("CONNECT {{\"verbose\":false}}\r\nSUB answer 1\r\nPUB {subject} answer {length}\r\n{payload}\r\n");
    ask(&nats.url(), &talk, "}\r\n").await;
    ask(&nats.url(), &talk, "MSG answer").await
}

#[tokio::test]
async fn nats_is_killed_and_restarted_with_its_data() {
    let nats = Nats::start(Home::Temporary, None).await.unwrap();
    let url = nats.url();
    let stream = r#"{"name":"KEPT","subjects":["kept"],"storage":"file"}"#;
    nats_request(&nats, "$JS.API.STREAM.CREATE.KEPT", stream).await;
    nats.kill().await.unwrap();
    assert!(TcpStream::connect(url.split("//").nth(1).unwrap()).await.is_err());
    nats.restart().await.unwrap();
    assert_eq!(nats.url(), url);
    let names = nats_request(&nats, "$JS.API.STREAM.NAMES", "").await;
    assert!(names.contains("KEPT"), "{names}");
}

#[tokio::test]
async fn redis_is_stopped_and_restarted_with_its_data() {
    let redis = Redis::start(Home::Temporary, None).await.unwrap();
    ask(&redis.url(), "SET kept yes\r\n", "+OK").await;
    redis.stop().await.unwrap();
    redis.restart().await.unwrap();
    ask(&redis.url(), "GET kept\r\n", "yes").await;
}

#[tokio::test]
async fn redis_is_frozen_and_goes_on_and_its_data_is_emptied() {
    let redis = Redis::start(Home::Temporary, None).await.unwrap();
    ask(&redis.url(), "SET kept yes\r\n", "+OK").await;
    redis.signal(Signal::STOP).await;
    let url = redis.url();
    let asking = ask(&url, "GET kept\r\n", "yes");
    assert!(tokio::time::timeout(Duration::from_millis(300), asking).await.is_err());
    redis.signal(Signal::CONT).await;
    ask(&redis.url(), "GET kept\r\n", "yes").await;

    redis.kill().await.unwrap();
    std::fs::remove_dir_all(redis.data()).unwrap();
    std::fs::create_dir(redis.data()).unwrap();
    redis.restart().await.unwrap();
    ask(&redis.url(), "GET kept\r\n", "$-1").await;
}

#[tokio::test]
async fn mongod_keeps_its_data_and_stays_a_primary_when_its_port_changes() {
    let folder = tempfile::tempdir().unwrap();
    let home = || Home::Kept(folder.path().to_owned());
    let first = Mongod::start(home(), None).await.unwrap();
    let client = Client::with_uri_str(first.url()).await.unwrap();
    client.database("kept").collection("things").insert_one(doc! { "kept": "yes" }).await.unwrap();
    first.stop().await.unwrap();

    let second = Mongod::start(home(), None).await.unwrap();
    assert_ne!(first.url(), second.url());
    let client = Client::with_uri_str(second.url_for("kept")).await.unwrap();
    let things = client.default_database().unwrap().collection::<Document>("things");
    assert_eq!(things.find_one(doc! {}).await.unwrap().unwrap().get_str("kept").unwrap(), "yes");
    things.insert_one(doc! { "kept": "also" }).await.unwrap();
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_busy_port_is_named() {
    let port = ports::free().unwrap();
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let error = Redis::start(Home::Temporary, Some(port)).await.unwrap_err();
    assert_eq!(error.to_string(), format!("redis-server cannot start: port {port} is in use"));
}

#[tokio::test]
async fn a_server_that_does_not_start_says_why_in_its_own_words() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/jetstream"), "in the way").unwrap();
    let error = Nats::start(Home::Kept(folder.path().to_owned()), None).await.unwrap_err().to_string();
    assert!(error.starts_with("nats-server did not start on port "), "{error}");
    assert!(error.contains("storage directory is not a directory"), "{error}");
}

#[test]
fn several_that_need_a_server_at_once_fetch_it_once() {
    let cache = tempfile::tempdir().unwrap();
    let fetchers: Vec<_> = (0..3)
        .map(|_| {
            let cache: PathBuf = cache.path().to_owned();
            std::thread::spawn(move || fetch::cached_or_fetched(&cache, &nats::RECIPE).unwrap())
        })
        .collect();
    let programs: Vec<_> = fetchers.into_iter().map(|fetcher| fetcher.join().unwrap()).collect();
    assert!(programs.iter().all(|program| program == &programs[0] && program.is_file()));
    let names: Vec<_> = std::fs::read_dir(cache.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "the folder and its lock, but there is {names:?}");
}

#[test]
fn a_database_is_put_into_a_uri_with_and_without_one() {
    for (uri, expected) in [
        ("mongodb://host:27017", "mongodb://host:27017/auth"),
        ("mongodb://a:b@host/", "mongodb://a:b@host/auth"),
        ("mongodb://h1,h2/other?replicaSet=rs0", "mongodb://h1,h2/auth?replicaSet=rs0"),
        ("mongodb+srv://host?tls=true", "mongodb+srv://host/auth?tls=true"),
    ] {
        assert_eq!(with_database(uri, "auth"), expected);
    }
}
