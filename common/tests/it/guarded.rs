use std::fs;
use std::time::Duration;

use common::config::NatsConfig;
use common::nats::{self, Broker};
use common::testing::eventually;
use infra_local::ports;
use infra_local::process::{Process, Program};
use infra_local::servers::locate::locate;
use infra_local::servers::nats::RECIPE;
use tokio::net::TcpStream;

use crate::counter::Counted;
use crate::ear::NAME;

/// A broker with the permissions of a cluster: the service may use its own durable consumer and change nothing; `ops` makes
/// streams and consumers.
pub struct Guarded {
    port: u16,
    _server: Process,
}

impl Guarded {
    pub async fn start() -> Self {
        let port = ports::free().unwrap();
        let home = std::env::temp_dir().join(format!("ticketing-guarded-{port}"));
        fs::create_dir_all(&home).unwrap();
        let config = home.join("nats.conf");
        let data = home.join("data");
        let text = format!(
            r#"
            listen: "127.0.0.1:{port}"
            jetstream {{ store_dir: "{data}" }}
            authorization {{ users: [
                {{ user: {NAME}, password: secret, permissions {{
                    publish: [
                        "ticket.counted", "parked.{NAME}.>"
                        "$JS.API.STREAM.INFO.TICKETING", "$JS.API.STREAM.INFO.PARKED"
                        "$JS.API.CONSUMER.INFO.TICKETING.{NAME}", "$JS.API.CONSUMER.MSG.NEXT.TICKETING.{NAME}"
                        "$JS.ACK.TICKETING.{NAME}.>", "$JS.ACK.*.*.TICKETING.{NAME}.>"
                    ]
                    subscribe: ["_INBOX_{NAME}.>"]
                }} }}
                {{ user: ops, password: secret }}
            ] }}
            "#,
            data = data.display(),
        );
        fs::write(&config, text).unwrap();
        let arguments = ["--config".to_owned(), config.display().to_string()];
        let program = Program::new(RECIPE.name, locate(&RECIPE).await.unwrap()).arguments(arguments);
        let server =
            program.log_to(home.join("log")).remove_afterwards(&home).grace_period(Duration::ZERO).spawn().unwrap();
        eventually("the broker listens", async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        Self { port, _server: server }
    }

    /// A connection as this user, with the inboxes of the service that it is.
    pub async fn connect(&self, user: &str) -> Broker {
        let nats_url = format!("nats://{user}:secret@127.0.0.1:{}", self.port).parse().unwrap();
        nats::connect(&NatsConfig { nats_url, stream_replicas: 1 }, user).await.unwrap()
    }
}

/// Publishes as the service may.
pub async fn publish(broker: &Broker, event: &Counted) {
    broker.publish(&format!("{}-{}", event.id, event.version), event).await.unwrap();
}
