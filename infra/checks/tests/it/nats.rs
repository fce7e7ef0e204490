//! A real nats-server with the configuration of the manifests: what each service may do, and what it may not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::{self, AckKind};
use async_nats::{Client, ConnectError, ConnectOptions};
use common::config::NatsConfig;
use common::dead_letters;
use common::events::{
    Event, ExpirationComplete, OrderCancelled, OrderCompleted, OrderCreated, PaymentClosed, PaymentCreated,
    PaymentFailed, PaymentRefunded, STREAM, SessionEnded, StateRequested, TicketCreated, TicketDeleted, TicketUpdated,
    UserDeleted,
};
use common::id::Id;
use common::listener::{Failure, Handlers, Listeners};
use common::nats::{self, Broker};
use common::testing::eventually;
use futures::{StreamExt, TryStreamExt};
use infra_local::ports;
use infra_local::process::{Process, Program};
use infra_local::servers::locate::locate;
use infra_local::servers::nats::RECIPE;
use serde_json::json;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::overlay::{Container, overlay, overlays};
use crate::tls::certify;

/// The services that use the streams, and the events that each publishes.
pub const PUBLISHERS: [(&str, &[&str]); 5] = [
    (auth::NAME, &[SessionEnded::SUBJECT, UserDeleted::SUBJECT, StateRequested::SUBJECT]),
    (tickets::NAME, &[TicketCreated::SUBJECT, TicketUpdated::SUBJECT, TicketDeleted::SUBJECT, StateRequested::SUBJECT]),
    (
        orders::NAME,
        &[
            OrderCreated::SUBJECT,
            OrderCancelled::SUBJECT,
            OrderCompleted::SUBJECT,
            ExpirationComplete::SUBJECT,
            StateRequested::SUBJECT,
        ],
    ),
    (
        payments::NAME,
        &[
            PaymentCreated::SUBJECT,
            PaymentClosed::SUBJECT,
            PaymentFailed::SUBJECT,
            PaymentRefunded::SUBJECT,
            StateRequested::SUBJECT,
        ],
    ),
    (expiration::NAME, &[ExpirationComplete::SUBJECT, StateRequested::SUBJECT]),
];

/// What each replica of these services listens to, beside the durable consumer.
const LISTENERS: [(&str, &[&str]); 4] = [
    (auth::NAME, &[SessionEnded::SUBJECT, UserDeleted::SUBJECT]),
    (tickets::NAME, &["ticket.*", SessionEnded::SUBJECT, UserDeleted::SUBJECT]),
    (orders::NAME, &["order.*", SessionEnded::SUBJECT, UserDeleted::SUBJECT]),
    (payments::NAME, &[SessionEnded::SUBJECT, UserDeleted::SUBJECT]),
];

const STREAMS: [&str; 2] = [STREAM, dead_letters::STREAM];

fn services() -> impl Iterator<Item = &'static str> {
    PUBLISHERS.into_iter().map(|(service, _)| service)
}

fn others(service: &str) -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    PUBLISHERS.into_iter().filter(move |(other, _)| *other != service)
}

/// nats-server with the files and variables of this container, in a folder that is removed with the process.
pub async fn program(container: Container<'_>, arguments: &[&str]) -> (Program, PathBuf) {
    let folder = tempfile::Builder::new().prefix("ticketing-nats-").tempdir().unwrap().keep();
    container.write_files("/etc/nats", &folder);
    // No flag can say this: nats-server refuses a setting that is given twice.
    let file = folder.join("nats.conf");
    certify("nats-tls", &folder);
    for (name, folder_there, here) in [
        ("nats.conf", "store_dir: /data", format!("store_dir: {}", folder.join("data").display())),
        ("tls.conf", "/tls/", format!("{}/", folder.display())),
        ("routes.conf", "/tls/", format!("{}/", folder.display())),
    ] {
        let configuration = std::fs::read_to_string(folder.join(name)).unwrap();
        std::fs::write(folder.join(name), configuration.replace(folder_there, &here)).unwrap();
    }
    let log = folder.join("log");
    let program = Program::new(RECIPE.name, locate(&RECIPE).await.unwrap())
        .arguments(["--config".as_ref(), file.as_os_str()])
        .arguments(arguments.iter().copied())
        .remove_afterwards(folder)
        .log_to(&log)
        .grace_period(Duration::ZERO);
    let variables = container.environment().into_iter();
    (variables.fold(program, |program, (name, value)| program.environment(name, value)), log)
}

struct Server {
    port: u16,
    environment: BTreeMap<String, String>,
    _process: Process,
}

impl Server {
    async fn start() -> Self {
        let container = overlay("dev").container("nats");
        let (port, monitor) = (ports::free().unwrap(), ports::free().unwrap().to_string());
        let listen = ["--addr", "127.0.0.1", "--port", &port.to_string(), "--http_port", &monitor];
        let process = program(container, &listen).await.0.spawn().unwrap();
        let address = ("127.0.0.1", port);
        eventually("nats-server listens", async || tokio::net::TcpStream::connect(address).await.ok()).await;
        Self { port, environment: container.environment(), _process: process }
    }

    fn password(&self, user: &str) -> &str {
        &self.environment[&format!("{}_PASSWORD", user.to_uppercase())]
    }

    /// The connection that a service has.
    async fn broker(&self, service: &str) -> Broker {
        let nats_url = format!("nats://{service}:{}@127.0.0.1:{}", self.password(service), self.port);
        let config = NatsConfig::at(nats_url.parse().unwrap());
        nats::connect(&config, service).await.unwrap()
    }

    async fn admin(&self) -> jetstream::Context {
        jetstream::new(self.connect("admin", self.password("admin")).await.unwrap())
    }

    async fn connect(&self, user: &str, password: &str) -> Result<Client, ConnectError> {
        let options = ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned());
        options.connect(format!("127.0.0.1:{}", self.port)).await
    }
}

#[tokio::test]
async fn the_configuration_is_valid_with_the_variables_of_every_overlay() {
    for overlay in overlays() {
        let (program, log) = program(overlay.container("nats"), &["-t"]).await;
        let mut check = program.spawn().unwrap();
        let ended = timeout(Duration::from_secs(30), check.wait()).await.unwrap().unwrap();
        assert!(ended.is_success(), "{}: {}", overlay.name, std::fs::read_to_string(log).unwrap_or_default());
    }
}

#[tokio::test]
async fn each_service_creates_and_updates_the_streams_and_publishes_its_events() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for (service, subjects) in PUBLISHERS {
        for stream in STREAMS {
            let _ = admin.delete_stream(stream).await;
        }
        server.broker(service).await.ready().await.unwrap();
        // The streams are there now, so this one updates them.
        let broker = server.broker(service).await;
        broker.ready().await.unwrap();
        for subject in subjects {
            broker.jetstream().publish(*subject, "{}".into()).await.unwrap().await.unwrap();
        }
    }
}

#[tokio::test]
async fn each_service_handles_events_through_its_durable_consumer_and_stores_dead_letters() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let stop = CancellationToken::new();
    let mut tasks = Vec::new();
    for service in services() {
        let broker = server.broker(service).await;
        broker.ready().await.unwrap();
        let handlers = Handlers::new()
            .on(|(), _: ExpirationComplete| async { Ok(()) })
            .on(|(), _: OrderCreated| async { Err(Failure::Failed("never called".to_owned())) });
        tasks.push(tokio::spawn(Listeners::new(service, (), broker, handlers).run(stop.clone())));
    }
    let event = serde_json::to_vec(&ExpirationComplete { order_id: Id::generate(), expires_at: None }).unwrap();
    admin.publish(ExpirationComplete::SUBJECT, event.into()).await.unwrap().await.unwrap();
    admin.publish(OrderCreated::SUBJECT, "no event".into()).await.unwrap().await.unwrap();
    for service in services() {
        eventually(&format!("{service} has handled both events"), async || {
            let consumer: PullConsumer = admin.get_consumer_from_stream(service, STREAM).await.ok()?;
            let info = consumer.cached_info();
            (info.ack_floor.stream_sequence == 2 && info.num_ack_pending == 0).then_some(())
        })
        .await;
    }
    let letters = dead_letters::list(&admin).await.unwrap();
    assert_eq!(letters.len(), PUBLISHERS.len(), "{letters:?}");
    assert_eq!(
        letters.into_iter().map(|it| it.service).collect::<BTreeSet<_>>(),
        services().map(str::to_owned).collect()
    );
    stop.cancel();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn each_service_reads_through_an_ephemeral_consumer() {
    let server = Server::start().await;
    for (service, subjects) in PUBLISHERS {
        let broker = server.broker(service).await;
        broker.ready().await.unwrap();
        broker.jetstream().publish(subjects[0], "{}".into()).await.unwrap().await.unwrap();
        let stream = broker.jetstream().get_stream(STREAM).await.unwrap();
        let filter_subject = subjects[0].to_owned();
        // With a name: without one, the request's subject would not tell it from another's durable.
        let name = Some(format!("{service}-{}", Id::generate()));
        let config = pull::Config { name, filter_subject, ack_policy: AckPolicy::Explicit, ..Default::default() };
        let consumer = stream.create_consumer(config).await.unwrap();
        let messages = consumer.fetch().max_messages(1).messages().await.unwrap();
        let messages: Vec<_> = messages.try_collect().await.unwrap();
        assert_eq!(messages.len(), 1, "{service}");
        messages[0].double_ack_with(AckKind::Ack).await.unwrap();
    }
}

#[tokio::test]
async fn each_replica_hears_what_it_has_to_know_at_once() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for (service, subjects) in LISTENERS {
        let broker = server.broker(service).await;
        broker.ready().await.unwrap();
        for subject in subjects {
            let subscription = tokio::sync::Mutex::new(broker.client().subscribe(*subject).await.unwrap());
            // The server may take the subscription later than the first message of another connection.
            eventually(&format!("{service} hears {subject}"), async || {
                admin.publish(subject.replace('*', "created"), "{}".into()).await.ok()?.await.ok()?;
                let mut subscription = subscription.lock().await;
                timeout(Duration::from_millis(100), subscription.next()).await.ok().flatten().map(drop)
            })
            .await;
        }
    }
}

/// A service's connection that remembers what was refused.
struct Restricted {
    client: Client,
    service: &'static str,
    events: Arc<Mutex<Vec<String>>>,
}

impl Restricted {
    async fn connect(server: &Server, service: &'static str) -> Self {
        let events = Arc::new(Mutex::new(Vec::new()));
        let log = events.clone();
        let options = ConnectOptions::with_user_and_password(service.to_owned(), server.password(service).to_owned())
            .custom_inbox_prefix(format!("_INBOX_{service}"))
            .event_callback(move |event| {
                log.lock().unwrap().push(event.to_string());
                std::future::ready(())
            });
        let client = options.connect(format!("127.0.0.1:{}", server.port)).await.unwrap();
        Self { client, service, events }
    }

    async fn may_not_publish(&self, subject: impl Into<String>) {
        let subject = subject.into();
        self.client.publish(subject.clone(), "{}".into()).await.unwrap();
        self.is_refused("Publish", &subject).await;
    }

    async fn may_not_subscribe(&self, subject: &str) {
        let _subscription = self.client.subscribe(subject.to_owned()).await.unwrap();
        self.is_refused("Subscription", subject).await;
    }

    async fn is_refused(&self, operation: &str, subject: &str) {
        self.client.flush().await.unwrap();
        let refusal = format!("Permissions Violation for {operation} to \"{subject}\"");
        eventually(&format!("{}: {refusal}", self.service), async || {
            self.events.lock().unwrap().iter().any(|event| event.contains(&refusal)).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn no_service_publishes_or_reads_what_is_anothers() {
    let server = Server::start().await;
    for (service, own) in PUBLISHERS {
        let restricted = Restricted::connect(&server, service).await;
        for (other, subjects) in others(service) {
            for subject in subjects.iter().filter(|subject| !own.contains(subject)) {
                restricted.may_not_publish(*subject).await;
            }
            restricted.may_not_publish(format!("dead-letter.{other}.order.created")).await;
            // An answer to the other that is not the broker's.
            restricted.may_not_publish(format!("_INBOX_{other}.answer")).await;
            restricted.may_not_subscribe(&format!("_INBOX_{other}.>")).await;
        }
        for subject in ["ticket.unknown", "order.unknown", "payment.unknown", "expiration.unknown", "state.unknown"] {
            restricted.may_not_publish(subject).await;
        }
        let listened_to =
            LISTENERS.into_iter().find(|(listener, _)| *listener == service).map_or(&[][..], |(_, own)| own);
        let all = [
            ">",
            "_INBOX.>",
            "$JS.>",
            "$SYS.>",
            "ticket.*",
            "order.*",
            "payment.*",
            "expiration.*",
            "session.*",
            "user.*",
        ];
        for subject in all.into_iter().filter(|subject| !listened_to.contains(subject)) {
            restricted.may_not_subscribe(subject).await;
        }
    }
}

#[tokio::test]
async fn no_service_uses_changes_or_deletes_anothers_durable_consumer() {
    let server = Server::start().await;
    for service in services() {
        let restricted = Restricted::connect(&server, service).await;
        for (other, _) in others(service) {
            for request in ["INFO", "MSG.NEXT", "CREATE", "DURABLE.CREATE", "DELETE", "PAUSE", "RESET", "UNPIN"] {
                restricted.may_not_publish(format!("$JS.API.CONSUMER.{request}.{STREAM}.{other}")).await;
            }
            restricted.may_not_publish(format!("$JS.API.CONSUMER.CREATE.{STREAM}.{other}.order.created")).await;
            // Acks in the other's name, in both forms that there are.
            restricted.may_not_publish(format!("$JS.ACK.{STREAM}.{other}.1.1.1.1.0")).await;
            restricted.may_not_publish(format!("$JS.ACK._.hash.{STREAM}.{other}.1.1.1.1.0.token")).await;
        }
    }
}

/// What is in a request the permissions do not see: such a subject is refused, or the server compares the two.
#[tokio::test]
async fn no_service_names_anothers_durable_consumer_in_a_request_for_one_of_its_own() {
    let server = Server::start().await;
    let admin = server.admin().await;
    server.broker(orders::NAME).await.ready().await.unwrap();
    for service in services() {
        let restricted = Restricted::connect(&server, service).await;
        restricted.may_not_publish(format!("$JS.API.CONSUMER.CREATE.{STREAM}")).await;
        for (other, _) in others(service) {
            for field in ["name", "durable_name"] {
                let config = json!({field: other, "ack_policy": "explicit"});
                let request = json!({"stream_name": STREAM, "config": config}).to_string();
                let subject = format!("$JS.API.CONSUMER.CREATE.{STREAM}.own");
                restricted.client.request(subject, request.into()).await.unwrap();
            }
            let consumer: Result<PullConsumer, _> = admin.get_consumer_from_stream(other, STREAM).await;
            assert!(consumer.is_err(), "{service} has created {other}");
        }
    }
}

#[tokio::test]
async fn no_service_deletes_anything() {
    let server = Server::start().await;
    for service in services() {
        let restricted = Restricted::connect(&server, service).await;
        for stream in STREAMS {
            for request in ["DELETE", "PURGE", "SNAPSHOT", "RESTORE", "MSG.DELETE"] {
                restricted.may_not_publish(format!("$JS.API.STREAM.{request}.{stream}")).await;
            }
            restricted.may_not_publish(format!("$JS.API.DIRECT.GET.{stream}")).await;
            restricted.may_not_publish(format!("$JS.API.CONSUMER.DELETE.{stream}.{service}")).await;
        }
        restricted.may_not_publish("$JS.API.STREAM.CREATE.NEW").await;
        // Dead letters are the operator's.
        restricted.may_not_publish(format!("$JS.API.STREAM.MSG.GET.{}", dead_letters::STREAM)).await;
        restricted.may_not_publish(format!("$JS.API.CONSUMER.CREATE.{}", dead_letters::STREAM)).await;
        restricted.may_not_publish(format!("$JS.API.CONSUMER.MSG.NEXT.{}.{service}", dead_letters::STREAM)).await;
    }
}

#[tokio::test]
async fn nobody_connects_without_a_password() {
    let server = Server::start().await;
    for user in services().chain(["admin", "client"]) {
        assert!(server.connect(user, "wrong").await.is_err(), "{user}");
    }
    assert!(async_nats::connect(format!("127.0.0.1:{}", server.port)).await.is_err());
}
