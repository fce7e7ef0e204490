use common::caller::Caller;
use common::config::CallerConfig;
use common::routes::Routes;
use common::service::Service;
use common::testing::App;
use reqwest::Method;

/// Says who asks.
async fn start(trusted_proxies: &str, secure_cookies: bool) -> App {
    let say = async |caller: Caller| format!("{} {}", caller.address, caller.is_https);
    let config = CallerConfig { trusted_proxies: trusted_proxies.parse().unwrap(), secure_cookies };
    App::start(Service::new().callers(&config).routes(Routes::new().get("/", say).into_router(()))).await
}

async fn ask(app: &App, headers: &[(&str, &str)]) -> (String, String) {
    let request =
        headers.iter().fold(app.request(Method::GET, "/"), |request, (name, value)| request.header(*name, *value));
    let answer = App::send(request).await.expect(200);
    (answer.message().to_owned(), answer.header("strict-transport-security").to_owned())
}

#[tokio::test]
async fn behind_proxies_of_ours_the_caller_is_who_the_last_other_hop_says() {
    let app = start("127.0.0.0/8, 10.0.0.0/8", false).await;
    let hops = [("x-forwarded-for", "6.6.6.6, 192.0.2.1, 10.0.0.7"), ("x-forwarded-proto", "https")];
    assert_eq!(ask(&app, &hops).await, ("192.0.2.1 true".to_owned(), "max-age=31536000".to_owned()));
    let twice = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.1")];
    assert_eq!(ask(&app, &twice).await, ("192.0.2.1 false".to_owned(), String::new()));
    assert_eq!(ask(&app, &[]).await.0, "127.0.0.1 false");
}

#[tokio::test]
async fn nobody_chooses_an_address_or_scheme_by_writing_a_header() {
    for trusted in ["192.0.2.0/24", ""] {
        let app = start(trusted, false).await;
        let claims = [
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("x-real-ip", "192.0.2.1"),
            ("forwarded", "for=192.0.2.1;proto=https"),
        ];
        assert_eq!(ask(&app, &claims).await, ("127.0.0.1 false".to_owned(), String::new()), "{trusted}");
    }
}

#[tokio::test]
async fn https_can_be_forced_by_configuration() {
    let app = start("", true).await;
    assert_eq!(ask(&app, &[]).await, ("127.0.0.1 true".to_owned(), "max-age=31536000".to_owned()));
}
