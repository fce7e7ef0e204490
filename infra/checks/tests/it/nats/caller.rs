//! A connection to the broker that remembers what was refused.

use std::sync::{Arc, Mutex};

use async_nats::{Client, ConnectOptions};
use common::testing::eventually;

/// A user's connection.
pub struct Caller {
    pub client: Client,
    user: String,
    said: Arc<Mutex<Vec<String>>>,
}

impl Caller {
    pub async fn connect(user: &str, options: ConnectOptions, port: u16) -> Self {
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = said.clone();
        let client = options
            .custom_inbox_prefix(format!("_INBOX_{user}"))
            .event_callback(move |event| {
                heard.lock().unwrap().push(event.to_string());
                std::future::ready(())
            })
            .connect(format!("127.0.0.1:{port}"))
            .await
            .unwrap();
        Self { client, user: user.to_owned(), said }
    }

    pub async fn may_not_publish(&self, subject: &str) {
        self.client.publish(subject.to_owned(), "{}".into()).await.unwrap();
        self.is_refused("Publish", subject).await;
    }

    pub async fn may_not_subscribe(&self, subject: &str) {
        let _subscription = self.client.subscribe(subject.to_owned()).await.unwrap();
        self.is_refused("Subscription", subject).await;
    }

    async fn is_refused(&self, what: &str, subject: &str) {
        self.client.flush().await.unwrap();
        let refusal = format!("Permissions Violation for {what} to \"{subject}\"");
        eventually(&format!("{}: {refusal}", self.user), async || {
            let said = self.said.lock().unwrap();
            said.iter().any(|said| said.contains(&refusal)).then_some(())
        })
        .await;
    }
}
