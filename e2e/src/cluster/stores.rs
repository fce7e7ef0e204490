//! The way to the stores, for looking into them: straight to their pods, or through kubectl where nobody else gets in.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use async_nats::ConnectOptions;
use async_nats::jetstream;
use mongodb::bson::doc;
use mongodb::options::{ClientOptions, ReadPreference, ReadPreferenceOptions, SelectionCriteria};
use mongodb::{Client, Database};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::kubectl::{self, Forward};
use super::workloads::{self, Pod};
use crate::stores::Stores;

/// A pod that is within reach answers at once.
const STRAIGHT_LIMIT: Duration = Duration::from_secs(1);
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// The stores, as long as the ways to them are open. They do not outlive the pods that they lead to.
pub struct OpenStores {
    /// The stores.
    pub stores: Stores,
    _ways: Vec<Way>,
}

/// An address that leads to a port of a pod.
struct Way {
    address: String,
    _forward: Option<Forward>,
}

impl Way {
    async fn to(pod: &Pod, port: u16) -> Result<Self> {
        let straight = format!("{}:{port}", pod.ip);
        if let Ok(Ok(_)) = timeout(STRAIGHT_LIMIT, TcpStream::connect(&straight)).await {
            return Ok(Self { address: straight, _forward: None });
        }
        let forward = Forward::to(&pod.name, port).await?;
        Ok(Self { address: forward.address(), _forward: Some(forward) })
    }
}

impl OpenStores {
    /// Finds the primary of each database and a server of the broker.
    pub async fn open() -> Result<Self> {
        let pods = workloads::pods().await?;
        let (auth, way_to_auth) = database(&pods, "auth").await?;
        let (tickets, way_to_tickets) = database(&pods, "tickets").await?;
        let (orders, way_to_orders) = database(&pods, "orders").await?;
        let (payments, way_to_payments) = database(&pods, "payments").await?;
        let (jetstream, way_to_nats) = broker(&pods).await?;
        let ways = vec![way_to_auth, way_to_tickets, way_to_orders, way_to_payments, way_to_nats];
        Ok(Self { stores: Stores { auth, tickets, orders, payments, jetstream }, _ways: ways })
    }
}

/// A service's database at its primary, as the service itself may use it.
async fn database(pods: &[Pod], service: &str) -> Result<(Database, Way)> {
    let name = format!("{service}-mongo");
    let password =
        kubectl::secret(&name).await?.remove("PASSWORD").with_context(|| format!("{name} has no PASSWORD"))?;
    for pod in pods.iter().filter(|pod| pod.is_usable_for(&name)) {
        let way = Way::to(pod, 27017).await?;
        let uri = format!("mongodb://{service}:{password}@{}/{service}?directConnection=true", way.address);
        let mut options = ClientOptions::parse(uri).await?;
        let preference = ReadPreferenceOptions::default();
        options.selection_criteria =
            Some(SelectionCriteria::ReadPreference(ReadPreference::PrimaryPreferred { options: Some(preference) }));
        options.server_selection_timeout = Some(ANSWER_LIMIT);
        let database = Client::with_options(options)?.database(service);
        let hello = database.run_command(doc! {"hello": 1}).await;
        let hello = hello.with_context(|| format!("{} does not answer", pod.name))?;
        if hello.get_bool("isWritablePrimary").unwrap_or(false) {
            return Ok((database, way));
        }
    }
    bail!("{name} has no primary")
}

/// The broker, as the operator who may do everything.
async fn broker(pods: &[Pod]) -> Result<(jetstream::Context, Way)> {
    let password = kubectl::secret("nats").await?.remove("OPS_PASSWORD").context("nats has no OPS_PASSWORD")?;
    let pod = pods.iter().find(|pod| pod.is_usable_for("nats")).context("no server of nats is ready")?;
    let way = Way::to(pod, 4222).await?;
    let client = ConnectOptions::with_user_and_password("ops".to_owned(), password)
        .custom_inbox_prefix("_INBOX_ops")
        .connection_timeout(ANSWER_LIMIT)
        .ignore_discovered_servers()
        .connect(format!("nats://{}", way.address))
        .await
        .with_context(|| format!("{} does not answer", pod.name))?;
    Ok((jetstream::new(client), way))
}
