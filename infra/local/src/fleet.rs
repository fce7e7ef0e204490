//! The platform on one machine: real servers, the six services as child processes, the edge in front.

mod environment;
pub mod observe;
mod output;
mod ports;
mod ready;
pub mod state;
mod supervise;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use futures::future::join_all;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use self::environment::Environment;
pub use self::output::Output;
pub use self::ports::{Ports, SERVICES};
use self::supervise::{STOP_TIMEOUT, Service, keep_servers_alive};
use crate::process::{Program, Signal, send};
use crate::servers::Home;
use crate::{cargo, edge};

/// The user's own settings that must not reach a fleet made for a test: one would move real money.
const NOT_FOR_TESTS: [&str; 22] = [
    "ADMIN_IDS",
    "PRICE_CAP_PERCENT",
    "PAYMENT_PROVIDER",
    "STRIPE_KEY",
    "STRIPE_API_BASE",
    "STRIPE_PUBLISHABLE_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_TIMEOUT_MS",
    "EXPIRATION_WINDOW_SECONDS",
    "OPEN_ORDERS_PER_BUYER",
    "UNPAID_ORDERS_PER_TICKET",
    "CREDENTIALS_PER_MINUTE",
    "LIVE_TICKETS_PER_SELLER",
    "PUBLIC_URL",
    "SMTP_URL",
    "MAIL_FROM",
    "TERMS_FILE",
    "PRIVACY_FILE",
    "TRUSTED_PROXIES",
    "SECURE_COOKIES",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
];

/// Where the six programs come from.
#[derive(Debug, Clone)]
pub enum Programs {
    /// This folder, which holds them.
    Folder(PathBuf),
    /// `cargo build`, which builds what has changed.
    Build {
        /// With optimisation.
        release: bool,
    },
}

impl Programs {
    async fn folder(&self) -> Result<PathBuf> {
        match self {
            Self::Folder(folder) => Ok(folder.clone()),
            Self::Build { release } => cargo::build(*release).await,
        }
    }
}

/// How a fleet is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The edge's port and the first of a block; free ports if there is none.
    pub port: Option<u16>,
    /// Where the servers keep their data, and the session key lies.
    pub home: Home,
    /// Whether a kept home is emptied first.
    pub fresh: bool,
    /// Where the services' programs come from.
    pub programs: Programs,
    /// Further variables: the service, or none for all of them; name; value.
    pub variables: Vec<(Option<&'static str>, String, String)>,
    /// Where the log lines go.
    pub output: Output,
}

impl Options {
    /// A fleet beside others: free ports, no data before and none after, nothing of the user's payment settings.
    pub fn temporary(output: Output) -> Self {
        // Like the one who asks: `cargo test --release` runs services of a release build.
        let programs = Programs::Build { release: !cfg!(debug_assertions) };
        Self { port: None, home: Home::Temporary, fresh: false, programs, variables: Vec::new(), output }
    }

    /// Sets a variable for every service.
    pub fn with_all(mut self, name: &str, value: &str) -> Self {
        self.variables.push((None, name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a variable for one service.
    pub fn with(mut self, service: &'static str, name: &str, value: &str) -> Self {
        self.variables.push((Some(service), name.to_owned(), value.to_owned()));
        self
    }
}

/// A running platform. It belongs to the runtime it was started under. Dropping it ends it less gently than
/// [`Fleet::stop`].
#[derive(Debug)]
pub struct Fleet {
    environment: Arc<Environment>,
    services: Vec<Service>,
    edge: JoinHandle<Result<()>>,
    stop: DropGuard,
    output: Output,
}

impl Fleet {
    /// Starts everything, the servers while the services are being built. [`Fleet::wait_ready`] says when it can be used.
    pub async fn start(options: Options) -> Result<Self> {
        // The environment first: it fails at once if the ports or the state folder are in use.
        let environment = Environment::prepare(&options.home, options.fresh, options.port);
        let (environment, folder) = tokio::try_join!(biased; environment, options.programs.folder())?;
        let ports = &environment.ports;
        let listener = TcpListener::bind(("127.0.0.1", ports.edge))
            .await
            .with_context(|| format!("port {} cannot be listened on", ports.edge))?;
        let stop = CancellationToken::new();
        let backends = SERVICES.map(|name| (name.to_owned(), format!("127.0.0.1:{}", ports.service(name)))).into();
        let edge = tokio::spawn(edge::serve(listener, backends, stop.clone().cancelled_owned()));
        let start = |name| {
            Service::start(name, program(name, &folder, &environment, &options), options.output.clone(), stop.clone())
        };
        let services = SERVICES.map(start).into();
        let environment = Arc::new(environment);
        tokio::spawn(keep_servers_alive(environment.clone(), options.output.clone(), stop.clone()));
        Ok(Self { environment, services, edge, stop: stop.drop_guard(), output: options.output })
    }

    fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    fn known(&self, name: &str) -> Result<&Service> {
        self.service(name).with_context(|| format!("there is no service `{name}`"))
    }

    /// SIGKILL for a service, as a crash; it is started again. Returns when the death was noticed.
    pub async fn kill(&self, service: &str) -> Result<()> {
        self.known(service)?.kill().await
    }

    /// SIGKILL for a service, which is not started again before [`Fleet::bring_back`].
    pub async fn take_away(&self, service: &str) -> Result<()> {
        let service = self.known(service)?;
        service.is_away.send_replace(true);
        service.kill().await
    }

    /// Starts a service that was taken away.
    pub fn bring_back(&self, service: &str) -> Result<()> {
        self.known(service)?.is_away.send_replace(false);
        Ok(())
    }

    /// Sends a service's process a signal: STOP freezes it, CONT lets it go on. Nothing happens while it has no process.
    pub fn signal(&self, service: &str, signal: Signal) -> Result<()> {
        self.known(service)?.life().pid.into_iter().for_each(|pid| send(pid, signal));
        Ok(())
    }

    /// The process of a service, while it has one.
    pub fn pid(&self, service: &str) -> Option<i32> {
        self.service(service)?.life().pid.map(|pid| pid.as_raw_nonzero().get())
    }

    /// How often a service has died so far.
    pub fn deaths(&self, service: &str) -> u32 {
        self.service(service).map_or(0, |service| service.life().deaths)
    }

    /// The edge, as a browser on this machine would name it.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.environment.ports.edge)
    }

    /// A service's public API, past the edge.
    pub fn service_url(&self, service: &str) -> String {
        format!("http://127.0.0.1:{}", self.environment.ports.service(service))
    }

    /// A service's `/healthz`, `/readyz` and `/metrics`.
    pub fn admin_url(&self, service: &str) -> String {
        format!("http://127.0.0.1:{}", self.environment.ports.admin(service))
    }

    /// The servers and ports of the services.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Stops everything in order: the edge and the services, which finish what is in flight, then the servers.
    pub async fn stop(self) -> Result<()> {
        self.stop.disarm().cancel();
        let services = join_all(self.services.into_iter().map(|service| service.task));
        let _ = tokio::join!(services, timeout(STOP_TIMEOUT, self.edge));
        self.environment.stop().await
    }
}

fn program(name: &'static str, folder: &Path, environment: &Environment, options: &Options) -> Program {
    let mut program = Program::new(name, folder.join(name)).grace_period(STOP_TIMEOUT);
    if matches!(options.home, Home::Temporary) {
        program = NOT_FOR_TESTS.into_iter().fold(program, Program::without);
    }
    // A little less than the time after which a stop turns into a kill.
    program = program.environment("DRAIN_SECONDS", "8");
    program = environment
        .variables(name)
        .into_iter()
        .fold(program, |program, (name, value)| program.environment(name, value));
    let own = options.variables.iter().filter(|(service, ..)| service.is_none_or(|service| service == name));
    own.fold(program, |program, (_, name, value)| program.environment(name, value))
}
