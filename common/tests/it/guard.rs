use axum::extract::FromRef;
use common::auth::{CurrentUser, Ended, Sessions};
use common::config::{SessionConfig, WritesConfig};
use common::routes::Routes;
use common::service::Service;
use common::testing::{Answer, App, JWT_KEY, User};
use reqwest::Method;

#[derive(Clone, FromRef)]
struct Nothing {
    sessions: Sessions,
}

/// Open to everybody at `/`, and at `/own` to those with a session.
async fn start(account: u32, address: u32) -> App {
    let sessions = Sessions::new(&SessionConfig { jwt_key: JWT_KEY.parse().unwrap() }, Ended::default());
    let routes = Routes::new()
        .get("/", async || "public")
        .post("/", async || "done")
        .delete("/", async || "done")
        .get("/own", async |_: CurrentUser| "own")
        .post("/own", async |_: CurrentUser| "done")
        .into_router(Nothing { sessions });
    let writes = WritesConfig {
        writes_per_minute: account.try_into().unwrap(),
        address_writes_per_minute: address.try_into().unwrap(),
    };
    App::start(Service::new().writes(&writes).routes(routes)).await
}

async fn ask(app: &App, method: Method, path: &str, user: Option<&User>, headers: &[(&str, &str)]) -> Answer {
    let mut request = app.request(method, path);
    if let Some(user) = user {
        request = request.header("cookie", &user.cookie);
    }
    App::send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

#[track_caller]
fn expect_limited(answer: Answer) {
    assert!((1..=60).contains(&answer.header("retry-after").parse::<u32>().unwrap()), "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.expect_errors(429, &[("Too many requests, try again later", None)]);
}

#[tokio::test]
async fn an_account_that_writes_too_much_is_limited_wherever_it_is_and_others_are_not() {
    let app = start(2, 1000).await;
    let (ann, bob) = (User::new(), User::new());
    let post = async |user: &User, address: &str| {
        ask(&app, Method::POST, "/own", Some(user), &[("x-forwarded-for", address)]).await
    };
    post(&ann, "192.0.2.1").await.expect(200);
    post(&ann, "192.0.2.2").await.expect(200);
    expect_limited(post(&ann, "192.0.2.3").await);
    post(&bob, "192.0.2.3").await.expect(200);
    for _ in 0..5 {
        app.get(Some(&ann), "/own").await.expect(200);
    }
}

#[tokio::test]
async fn an_address_that_writes_too_much_is_limited_whoever_it_is_and_others_are_not() {
    let app = start(1000, 2).await;
    let write = async |method: Method, user: Option<&User>, address: &str| {
        ask(&app, method, "/", user, &[("x-forwarded-for", address)]).await
    };
    write(Method::POST, None, "2001:db8::1").await.expect(200);
    write(Method::DELETE, None, "2001:db8::2").await.expect(200);
    expect_limited(write(Method::POST, Some(&User::new()), "2001:db8::3").await);
    write(Method::POST, None, "2001:db8:0:1::1").await.expect(200);
    write(Method::GET, None, "2001:db8::3").await.expect(200);
}

#[tokio::test]
async fn what_changes_something_is_not_taken_from_another_site() {
    let app = start(1000, 1000).await;
    let host = app.url.replace("http://", "");
    let (ours, https) = (app.url.as_str(), format!("https://{host}"));
    for (headers, taken) in [
        (vec![], true),
        (vec![("sec-fetch-site", "same-origin")], true),
        (vec![("sec-fetch-site", "none")], true),
        (vec![("sec-fetch-site", "same-site")], false),
        (vec![("sec-fetch-site", "cross-site")], false),
        (vec![("origin", ours)], true),
        (vec![("origin", &https), ("x-forwarded-proto", "https")], true),
        (vec![("origin", ours), ("x-forwarded-proto", "https")], false),
        (vec![("origin", "http://127.0.0.1:1")], false),
        (vec![("origin", "https://evil.example")], false),
        (vec![("origin", "null")], false),
    ] {
        for method in [Method::POST, Method::DELETE] {
            let answer = ask(&app, method, "/", None, &headers).await;
            match taken {
                true => drop(answer.expect(200)),
                false => answer.expect_errors(403, &[("Not allowed from another site", None)]),
            }
        }
        ask(&app, Method::GET, "/", None, &headers).await.expect(200);
    }
}

#[tokio::test]
async fn what_is_personal_is_kept_by_no_cache_and_nothing_is_taken_for_another_type() {
    let app = start(1000, 1000).await;
    let user = User::new();
    for (method, path, user, kept) in [
        (Method::GET, "/", None, ""),
        (Method::GET, "/", Some(&user), "no-store"),
        (Method::POST, "/", None, "no-store"),
        (Method::GET, "/own", Some(&user), "no-store"),
        (Method::GET, "/own", None, "no-store"),
        (Method::GET, "/nothing", None, "no-store"),
    ] {
        let answer = ask(&app, method, path, user, &[]).await;
        assert_eq!(
            (answer.header("cache-control"), answer.header("x-content-type-options")),
            (kept, "nosniff"),
            "{path}"
        );
    }
}
