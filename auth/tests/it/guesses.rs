use common::testing::{self, Answer, App};
use futures::future::join_all;
use mongodb::bson::{Document, doc};
use reqwest::Method;
use serde_json::json;

use crate::app::{TestApp, cookie_of, device_of};

const ANN: &str = "ann@example.com";
const NOBODY: &str = "nobody@example.com";
const RIGHT: &str = "correct horse";
const WRONG: &str = "wrong horse";

async fn with_ann() -> TestApp {
    let auth = TestApp::start().await;
    auth.sign_up(ANN, RIGHT).await.expect(201);
    auth
}

fn address(email: &str) -> String {
    format!("address:{email}")
}

#[track_caller]
fn expect_paused(answer: Answer, seconds: std::ops::RangeInclusive<u64>) {
    assert_eq!(answer.status, 429, "{}", answer.body);
    let wait = answer.header("retry-after").parse().unwrap();
    assert!(seconds.contains(&wait), "{wait}");
    answer.expect_errors(429, &[("Too many attempts, try again later", None)]);
}

#[tokio::test]
async fn after_five_failures_each_further_one_doubles_the_pause_with_or_without_an_account() {
    let auth = with_ann().await;
    for email in [ANN, NOBODY] {
        let mut pauses = Vec::new();
        for failure in 1..=16 {
            auth.sign_in(email, WRONG).await.expect_errors(400, &[("Invalid credentials", None)]);
            let counted = auth.db_failures(&address(email)).await.unwrap();
            assert_eq!(counted.get_i32("failures").unwrap(), failure);
            let [until, at] = ["until", "at"].map(|field| counted.get_datetime(field).unwrap().timestamp_millis());
            pauses.push((until - at) / 1000);
            let over = doc! {"$set": {"until": counted.get_datetime("at").unwrap()}};
            let failures = auth.database.collection::<Document>("failures");
            failures.update_one(doc! {"whose": address(email)}, over).await.unwrap();
        }
        assert_eq!(pauses, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    }
}

#[tokio::test]
async fn in_a_pause_even_the_right_password_is_refused_and_nothing_is_counted() {
    let auth = with_ann().await;
    for email in [ANN, NOBODY] {
        auth.db_pause(&address(email), 600).await;
        for _ in 0..3 {
            expect_paused(auth.sign_in(email, RIGHT).await, 590..=600);
        }
        assert_eq!(auth.db_failures(&address(email)).await.unwrap().get_i32("failures").unwrap(), 5);
    }
}

#[tokio::test]
async fn of_a_hundred_guesses_at_the_same_time_a_few_are_made_and_the_others_refused() {
    let auth = with_ann().await;
    let replica = auth.replica().await;
    for (email, apps) in [(ANN, [&auth.app, &auth.app]), (NOBODY, [&auth.app, &replica])] {
        let body = json!({"email": email, "password": WRONG});
        let guess = |number: usize| apps[number % 2].post(None, "/api/users/signin", body.clone());
        let answers = join_all((0..100).map(guess)).await;
        let made = answers.iter().filter(|answer| answer.status == 400).count();
        // Five at once. On a slow machine the first pauses may end before the last guess is there.
        assert!((5..=10).contains(&made), "{made}");
        assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 100 - made);
    }
}

#[tokio::test]
async fn of_many_sign_ins_at_the_same_time_with_the_right_password_none_is_refused() {
    let auth = with_ann().await;
    for answer in join_all((0..30).map(|_| auth.sign_in(ANN, RIGHT))).await {
        answer.expect(200);
    }
}

#[tokio::test]
async fn a_sign_in_forgets_the_failures_before_it() {
    let auth = with_ann().await;
    for _ in 0..4 {
        auth.sign_in(ANN, WRONG).await.expect(400);
    }
    auth.sign_in(ANN, RIGHT).await.expect(200);
    assert_eq!(auth.db_failures(&address(ANN)).await, None);
}

#[tokio::test]
async fn spellings_that_find_the_same_account_are_counted_together() {
    let auth = with_ann().await;
    for [email, spelling] in [[ANN, "\u{ff41}nn@example.com"], [NOBODY, "no\u{ff42}ody@example.com"]] {
        auth.sign_in(email, WRONG).await.expect(400);
        auth.sign_in(spelling, WRONG).await.expect(400);
        assert_eq!(auth.db_failures(&address(email)).await.unwrap().get_i32("failures").unwrap(), 2);
    }
}

#[tokio::test]
async fn a_device_that_signed_in_before_is_not_locked_out_by_failures_elsewhere() {
    let auth = with_ann().await;
    let signed_in = device_of(&auth.sign_in(ANN, RIGHT).await.expect(200));
    let signed_up = device_of(&auth.sign_up("bob@example.com", RIGHT).await.expect(201));
    for email in [ANN, "bob@example.com"] {
        auth.db_pause(&address(email), 600).await;
    }
    expect_paused(auth.sign_in(ANN, RIGHT).await, 590..=600);
    auth.sign_in_on(&signed_in, ANN, RIGHT).await.expect(200);
    auth.sign_in_on(&signed_up, "bob@example.com", RIGHT).await.expect(200);
    assert!(auth.db_failures(&address(ANN)).await.is_some(), "elsewhere it goes on");
}

#[tokio::test]
async fn a_device_of_another_account_or_with_a_forged_cookie_is_like_any_other() {
    let auth = with_ann().await;
    let ann = device_of(&auth.sign_in(ANN, RIGHT).await.expect(200));
    let bob = device_of(&auth.sign_up("bob@example.com", RIGHT).await.expect(201));
    auth.db_pause(&address(ANN), 600).await;
    let (id, mac) = ann.split_once('.').unwrap();
    let (_, other_mac) = bob.split_once('.').unwrap();
    for cookie in [
        bob.clone(),
        format!("{id}.{other_mac}"),
        format!("{id}.{}", &mac[..2]),
        format!("{id}."),
        format!("{id}.{mac}00"),
        "device=".to_owned(),
        "device=.-.-".to_owned(),
        ann.replace("device=", "other="),
    ] {
        expect_paused(auth.sign_in_on(&cookie, ANN, RIGHT).await, 590..=600);
    }
}

#[tokio::test]
async fn failures_on_a_device_that_signed_in_before_are_counted_for_it_alone() {
    let auth = with_ann().await;
    let device = device_of(&auth.sign_in(ANN, RIGHT).await.expect(200));
    auth.sign_in_on(&device, ANN, WRONG).await.expect(400);
    assert_eq!(auth.db_failures(&address(ANN)).await, None);
    let id = device.strip_prefix("device=").unwrap().split('.').next().unwrap();
    let whose = format!("device:{id}");
    assert_eq!(auth.db_failures(&whose).await.unwrap().get_i32("failures").unwrap(), 1);
    auth.db_pause(&whose, 600).await;
    expect_paused(auth.sign_in_on(&device, ANN, RIGHT).await, 590..=600);
    auth.sign_in(ANN, RIGHT).await.expect(200);
    auth.db_pause(&whose, 0).await;
    auth.sign_in_on(&device, ANN, RIGHT).await.expect(200);
    assert_eq!(auth.db_failures(&whose).await, None);
}

#[tokio::test]
async fn a_device_remembers_the_last_four_accounts() {
    let auth = TestApp::start().await;
    let emails = ["a", "b", "c", "d", "e"].map(|name| format!("{name}@example.com"));
    let mut device = String::new();
    for email in &emails {
        auth.sign_up(email, RIGHT).await.expect(201);
        device = device_of(&auth.sign_in_on(&device, email, RIGHT).await.expect(200));
    }
    let again = device_of(&auth.sign_in_on(&device, &emails[4], RIGHT).await.expect(200));
    assert_eq!(again, device, "it stays the same device");
    for email in &emails {
        auth.db_pause(&address(email), 600).await;
    }
    auth.sign_in_on(&device, &emails[0], RIGHT).await.expect(429);
    for email in &emails[1..] {
        auth.sign_in_on(&device, email, RIGHT).await.expect(200);
    }
}

#[tokio::test]
async fn the_cookie_of_a_device_lasts_a_year_and_says_nothing_of_the_account() {
    let auth = with_ann().await;
    let request =
        || auth.app.request(Method::POST, "/api/users/signin").json(&json!({"email": ANN, "password": RIGHT}));
    for (request, secure) in [(request(), ""), (request().header("x-forwarded-proto", "https"), "; Secure")] {
        let answer = App::send(request).await.expect(200);
        let cookie = answer.headers.get_all("set-cookie").iter().next_back().unwrap().to_str().unwrap();
        let (value, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(attributes, format!("Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}"));
        assert!(!value.contains(&answer.id().to_string()) && !value.contains("ann"), "{value}");
    }
}

#[tokio::test]
async fn a_device_is_still_known_while_the_key_of_the_sessions_is_replaced() {
    let auth = with_ann().await;
    let (old, new) = (testing::JWT_KEY.to_owned(), testing::JWT_KEY.to_uppercase());
    let with_keys =
        async |keys: String| auth.replica_with(|config| config.api.session.jwt_key = keys.parse().unwrap()).await;
    let between = with_keys(format!("{new},{old}")).await;
    let after = with_keys(new).await;
    let sign_in = async |app: &App, device: &str| {
        let request = app.request(Method::POST, "/api/users/signin").header("cookie", device);
        App::send(request.json(&json!({"email": ANN, "password": RIGHT}))).await
    };
    let marked = device_of(&auth.sign_in(ANN, RIGHT).await.expect(200));
    let marked_again = device_of(&sign_in(&between, &marked).await.expect(200));
    auth.db_pause(&address(ANN), 600).await;
    sign_in(&after, &marked).await.expect(429);
    sign_in(&after, &marked_again).await.expect(200);
}

#[tokio::test]
async fn who_is_signed_in_is_counted_by_account_and_only_by_guesses_of_those_with_a_session() {
    let auth = with_ann().await;
    let session = cookie_of(&auth.sign_in(ANN, RIGHT).await.expect(200));
    auth.db_pause(&address(ANN), 600).await;
    let change = async |password: &str| {
        let request = auth.app.request(Method::POST, "/api/users/password").header("cookie", &session);
        App::send(request.json(&json!({"password": password, "newPassword": "another horse"}))).await
    };
    change(WRONG).await.expect_errors(400, &[("Invalid credentials", None)]);
    let account = auth.current_user(&session).await.body["currentUser"]["id"].as_str().unwrap().to_owned();
    let whose = format!("account:{account}");
    assert_eq!(auth.db_failures(&whose).await.unwrap().get_i32("failures").unwrap(), 1);
    auth.db_pause(&whose, 600).await;
    expect_paused(change(RIGHT).await, 590..=600);
    auth.db_pause(&whose, 0).await;
    change(RIGHT).await.expect(200);
}
