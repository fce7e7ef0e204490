//! A fleet of the test's own.

use std::path::PathBuf;
use std::time::Duration;

use common::testing::{broker, open_database};
use e2e::site::Site;
use e2e::stores::Stores;
use infra_local::Fleet;
use infra_local::fleet::{Options, Output};

const READY_LIMIT: Duration = Duration::from_secs(120);

/// The running platform, and the log that explains a failure.
pub struct Platform {
    pub fleet: Fleet,
    log: PathBuf,
}

impl Platform {
    /// Starts everything and waits until it is ready.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let log = tempfile::Builder::new().prefix("ticketing-e2e-").suffix(".log").tempfile().unwrap();
        let (_, log) = log.keep().unwrap();
        let options = Options::temporary(Output::file(&log).unwrap());
        let options = settings.iter().fold(options, |options, (name, value)| options.with_all(name, value));
        eprintln!("the fleet's log is {}", log.display());
        let fleet = Fleet::start(options).await.unwrap();
        fleet.wait_ready(READY_LIMIT).await.unwrap();
        Self { fleet, log }
    }

    /// The platform as its users meet it.
    pub fn site(&self) -> Site {
        Site::at(&self.fleet.url())
    }

    /// Its databases and its stream, for looking into them past the API.
    pub async fn stores(&self) -> Stores {
        let environment = self.fleet.environment();
        let database = async |service| open_database(&environment.mongo_uri(service)).await;
        let broker = broker(environment.nats.as_ref().unwrap()).await;
        Stores {
            auth: database("auth").await,
            tickets: database("tickets").await,
            orders: database("orders").await,
            payments: database("payments").await,
            jetstream: broker.jetstream().clone(),
        }
    }

    /// Stops everything; the log of a story that ended well is of no use.
    pub async fn stop(self) {
        self.fleet.stop().await.unwrap();
        std::fs::remove_file(self.log).unwrap();
    }
}
