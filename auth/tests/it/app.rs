use auth::config::Config;
use common::testing::{self, Answer, App, HttpClient, Stream};
use infra_local::Nats;
use infra_local::process::{Process, Program};
use mongodb::Database;
use mongodb::bson::{DateTime, Document, doc};
use reqwest::Method;
use serde_json::json;

/// The auth service over a database and a stream of its own.
pub struct TestApp {
    pub app: App,
    pub database: Database,
    pub stream: Stream,
    pub nats: Nats,
    config: Config,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub async fn start_with(flags: &[(&str, &str)]) -> Self {
        let (uri, nats) = (testing::new_database().await, testing::new_nats().await);
        let nats_url = nats.url();
        let mut all = vec![
            ("mongo-uri", uri.as_str()),
            ("nats-url", nats_url.as_str()),
            ("jwt-key", testing::JWT_KEY),
            ("credentials-per-minute", "1000"),
        ];
        all.retain(|(name, _)| flags.iter().all(|(other, _)| other != name));
        all.extend(flags);
        let config = testing::config::<Config>(&all);
        let database = testing::open_database(&uri).await;
        let app = App::start(auth::build(config.clone()).await.unwrap()).await;
        Self { app, database, stream: Stream::open(&nats).await, nats, config }
    }

    /// Another replica over the same database and stream.
    pub async fn replica(&self) -> App {
        self.replica_with(|_| {}).await
    }

    /// Another replica, with another configuration.
    pub async fn replica_with(&self, change: impl FnOnce(&mut Config)) -> App {
        let mut config = self.config.clone();
        change(&mut config);
        App::start(auth::build(config).await.unwrap()).await
    }

    /// Stops the service and starts it again with these settings changed.
    pub async fn restart_with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self.app.stop().await.unwrap();
        Self { app: App::start(auth::build(self.config.clone()).await.unwrap()).await, ..self }
    }

    /// Ends the service in the middle of what it does, and starts it again.
    pub async fn abort_and_start_again(self) -> Self {
        self.app.abort();
        Self { app: App::start(auth::build(self.config.clone()).await.unwrap()).await, ..self }
    }

    /// Runs the program over the same database and stream.
    pub fn spawn(&self, program: Program) -> Process {
        let program = program
            .environment("MONGO_URI", self.config.api.mongo.mongo_uri.expose())
            .environment("NATS_URL", self.config.api.nats.nats_url.expose())
            .environment("JWT_KEY", testing::JWT_KEY)
            .environment("LISTEN_ADDR", "127.0.0.1:0")
            .environment("ADMIN_ADDR", "127.0.0.1:0");
        program.spawn().unwrap()
    }

    /// Waits until the service has dealt with everything that was published.
    pub async fn handled(&self) {
        self.stream.wait_until_handled(auth::NAME).await;
    }

    /// Stops the service and starts it again.
    pub async fn restart(mut self) -> Self {
        let app = App::start(auth::build(self.config.clone()).await.unwrap()).await;
        std::mem::replace(&mut self.app, app).stop().await.unwrap();
        self
    }

    /// Somebody's browser, signed up with this address and the password `correct horse`.
    pub async fn browser_of(&self, email: &str) -> HttpClient {
        let browser = HttpClient::new(&self.app.url);
        browser.post("/api/users/signup", json!({"email": email, "password": "correct horse"})).await.expect(201);
        browser
    }

    /// Another browser of the same account.
    pub async fn another_browser_of(&self, email: &str) -> HttpClient {
        let browser = HttpClient::new(&self.app.url);
        browser.post("/api/users/signin", json!({"email": email, "password": "correct horse"})).await.expect(200);
        browser
    }

    pub async fn sign_up(&self, email: &str, password: &str) -> Answer {
        self.app.post(None, "/api/users/signup", json!({"email": email, "password": password})).await
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.app.post(None, "/api/users/signin", json!({"email": email, "password": password})).await
    }

    /// The same on a device with this cookie.
    pub async fn sign_in_on(&self, device: &str, email: &str, password: &str) -> Answer {
        let request = self.app.request(Method::POST, "/api/users/signin").header("cookie", device);
        App::send(request.json(&json!({"email": email, "password": password}))).await
    }

    /// What is counted as failed at this address or on this device.
    pub async fn db_failures(&self, whose: &str) -> Option<Document> {
        self.database.collection("failures").find_one(doc! {"whose": whose}).await.unwrap()
    }

    /// Begins or ends the pause after failures: so many seconds from now.
    pub async fn db_pause(&self, whose: &str, seconds: i64) {
        let until = DateTime::from_millis(DateTime::now().timestamp_millis() + 1000 * seconds);
        let update = doc! {"$set": {"failures": 5, "until": until, "forgetAt": until}};
        let failures = self.database.collection::<Document>("failures");
        failures.update_one(doc! {"whose": whose}, update).upsert(true).await.unwrap();
    }

    /// Who a cookie is, asked of any replica.
    pub async fn who(app: &App, cookie: &str) -> serde_json::Value {
        let request = app.request(Method::GET, "/api/users/currentuser").header("cookie", cookie);
        App::send(request).await.expect(200).body["currentUser"].clone()
    }

    pub async fn current_user(&self, cookie: impl AsRef<[u8]>) -> Answer {
        App::send(self.app.request(Method::GET, "/api/users/currentuser").header("cookie", cookie.as_ref())).await
    }
}

/// The `name=value` of the device's cookie that an answer sets.
pub fn device_of(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let device = cookies.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("device="));
    device.unwrap().to_owned()
}

/// The `name=value` of the session cookie that an answer sets.
pub fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}
