//! The databases and the stream, for looking into them past the API.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use async_nats::{ConnectOptions, jetstream};
use common::testing;
use infra_local::Fleet;
use mongodb::bson::doc;
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};

use crate::cluster::Workload;
use crate::cluster::kubectl::{self, Forward};

const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// The stores of one platform.
pub struct Stores {
    /// Accounts.
    pub auth: Database,
    /// What is for sale.
    pub tickets: Database,
    /// What was reserved.
    pub orders: Database,
    /// What was paid.
    pub payments: Database,
    /// What the services published.
    pub jetstream: jetstream::Context,
    /// What keeps the ways to them open, where there are such.
    pub ways: Vec<Forward>,
}

impl Stores {
    /// Those of a fleet on this machine, which runs servers of its own.
    pub async fn of_fleet(fleet: &Fleet) -> Self {
        let environment = fleet.environment();
        let database = async |service| testing::open_database(&environment.mongo_uri(service)).await;
        Self {
            auth: database("auth").await,
            tickets: database("tickets").await,
            orders: database("orders").await,
            payments: database("payments").await,
            jetstream: testing::broker(environment.nats.as_ref().unwrap()).await.jetstream().clone(),
            ways: Vec::new(),
        }
    }

    /// Those of the cluster, through kubectl, for nobody else gets in. They do not outlive the pods that they lead to.
    pub async fn of_cluster() -> Result<Self> {
        let mut ways = Vec::new();
        Ok(Self {
            auth: database("auth", &mut ways).await?,
            tickets: database("tickets", &mut ways).await?,
            orders: database("orders", &mut ways).await?,
            payments: database("payments", &mut ways).await?,
            jetstream: broker(&mut ways).await?,
            ways,
        })
    }
}

/// A service's database at its primary, as the service itself may use it.
async fn database(service: &str, ways: &mut Vec<Forward>) -> Result<Database> {
    let name = format!("{service}-mongo");
    let password = kubectl::secret(&name, "PASSWORD").await?;
    for pod in Workload::named(&format!("statefulset/{name}")).await?.pods().await? {
        let way = Forward::to(&pod, 27017).await?;
        // The names in a member's certificate are not this machine's.
        let tls = if are_encrypted().await? { "&tls=true&tlsAllowInvalidCertificates=true" } else { "" };
        let uri = format!("mongodb://{service}:{password}@{}/{service}?directConnection=true{tls}", way.address);
        let mut options = ClientOptions::parse(uri).await?;
        options.server_selection_timeout = Some(ANSWERS_WITHIN);
        let database = Client::with_options(options)?.database(service);
        let hello = database.run_command(doc! {"hello": 1}).await;
        let hello = hello.with_context(|| format!("{pod} does not answer"))?;
        if hello.get_bool("isWritablePrimary").unwrap_or(false) {
            ways.push(way);
            return Ok(database);
        }
    }
    bail!("{name} has no primary")
}

/// The broker, as the operator who may do everything.
async fn broker(ways: &mut Vec<Forward>) -> Result<jetstream::Context> {
    let password = kubectl::secret("nats", "ADMIN_PASSWORD").await?;
    let pods = Workload::named("statefulset/nats").await?.pods().await?;
    let way = Forward::to(pods.first().context("nats has no pod")?, 4222).await?;
    let mut options = ConnectOptions::with_user_and_password("admin".to_owned(), password);
    if are_encrypted().await? {
        let authority = std::env::temp_dir().join("ticketing-store-ca.crt");
        tokio::fs::write(&authority, kubectl::secret("nats-tls", "ca.crt").await?).await?;
        options = options.add_root_certificates(authority).require_tls(true);
    }
    let options = options.connection_timeout(ANSWERS_WITHIN).ignore_discovered_servers();
    // The broker's certificate has this name of this machine, for the sake of forwarded ports.
    let client =
        options.connect(way.address.replace("127.0.0.1", "localhost")).await.context("nats does not answer")?;
    ways.push(way);
    Ok(jetstream::new(client))
}

/// Whether the stores take TLS alone, as in the overlay prod.
pub async fn are_encrypted() -> Result<bool> {
    Ok(kubectl::run(&["get", "statefulset", "tickets-mongo", "--output=yaml"]).await?.contains("--tlsMode=requireTLS"))
}
