use auth::config::Config;
use common::testing::{self, Answer, App};
use mongodb::Database;
use serde_json::json;

/// The auth service over a database of its own.
pub struct TestApp {
    pub app: App,
    pub database: Database,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub async fn start_with(flags: &[(&str, &str)]) -> Self {
        let uri = testing::new_database().await;
        let mut all =
            vec![("mongo-uri", uri.as_str()), ("jwt-key", testing::JWT_KEY), ("credentials-per-minute", "1000")];
        all.retain(|(name, _)| flags.iter().all(|(other, _)| other != name));
        all.extend(flags);
        let config = testing::config::<Config>(&all);
        let database = testing::open_database(&uri).await;
        Self { app: App::start(auth::build(config).await.unwrap()).await, database }
    }

    pub async fn sign_up(&self, email: &str, password: &str) -> Answer {
        self.app.post(None, "/api/users/signup", json!({"email": email, "password": password})).await
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.app.post(None, "/api/users/signin", json!({"email": email, "password": password})).await
    }

    pub async fn current_user(&self, cookie: &str) -> Answer {
        App::send(self.app.request(reqwest::Method::GET, "/api/users/currentuser").header("cookie", cookie)).await
    }
}

/// The `name=value` of the session cookie that an answer sets.
pub fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}
