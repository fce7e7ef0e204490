//! The platform on one machine: real servers, the six services as child processes, the edge in front.

mod build;
mod environment;
mod output;
mod ports;
mod ready;
mod service;
pub mod state;
mod watch;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use self::build::{Programs, build};
pub use self::environment::Environment;
pub use self::output::Output;
pub use self::ports::Ports;
use self::service::{STOP_LIMIT, Supervised};
use crate::Home;
use crate::edge::Edge;
use crate::process::Program;

/// The services, in the order of their ports.
pub const SERVICES: [&str; 6] = ["auth", "tickets", "orders", "payments", "expiration", "client"];

/// The variables that tell `client` where the others are.
const CLIENT_OF: [(&str, &str); 4] =
    [("AUTH_URL", "auth"), ("TICKETS_URL", "tickets"), ("ORDERS_URL", "orders"), ("PAYMENTS_URL", "payments")];

/// Settings of the user's own that must not reach a fleet made for a test: one would move real money.
const NOT_FOR_TESTS: [&str; 4] =
    ["STRIPE_KEY", "STRIPE_API_BASE", "STRIPE_PUBLISHABLE_KEY", "EXPIRATION_WINDOW_SECONDS"];

/// What a fleet is to be like.
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
    /// Variables for one service, or for each of them: service, name, value.
    pub variables: Vec<(Option<String>, String, String)>,
    /// Where the log lines go.
    pub output: Output,
}

impl Options {
    /// A fleet beside others: free ports, no data before and none after, nothing of the user's payment settings.
    pub fn temporary(output: Output) -> Self {
        let programs = Programs::Build { release: false };
        Self { port: None, home: Home::Temporary, fresh: false, programs, variables: Vec::new(), output }
    }

    /// Sets a variable for one service.
    pub fn with(mut self, service: &str, name: &str, value: &str) -> Self {
        self.variables.push((Some(service.to_owned()), name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a variable for every service.
    pub fn with_all(mut self, name: &str, value: &str) -> Self {
        self.variables.push((None, name.to_owned(), value.to_owned()));
        self
    }
}

/// A running platform. It belongs to the runtime it was started under. Dropping it ends it less gently than
/// [`Fleet::stop`].
#[derive(Debug)]
pub struct Fleet {
    environment: Arc<Environment>,
    servers: JoinHandle<()>,
    services: Vec<Supervised>,
    edge: JoinHandle<Result<()>>,
    stop: DropGuard,
    output: Output,
}

impl Fleet {
    /// Starts everything, the servers while the services are being built. [`Fleet::wait_ready`] says when it can be used.
    pub async fn start(options: Options) -> Result<Self> {
        let (state, ports) = Environment::take(&options)?;
        let listener = TcpListener::bind(("127.0.0.1", ports.edge))
            .await
            .with_context(|| format!("port {} cannot be listened on", ports.edge))?;
        let (folder, environment) = tokio::try_join!(options.programs.folder(), Environment::start(state, ports))?;
        let stop = CancellationToken::new();
        let services = SERVICES
            .map(|name| {
                let program = program(name, &folder, &environment, &options);
                Supervised::start(name, program, options.output.clone(), stop.clone())
            })
            .into();
        let backends = SERVICES.iter().zip(environment.ports.services);
        let backends = backends.map(|(name, port)| ((*name).to_owned(), format!("127.0.0.1:{port}"))).collect();
        let edge = tokio::spawn(Edge::serve(listener, backends, stop.clone().cancelled_owned()));
        let environment = Arc::new(environment);
        let servers = tokio::spawn(watch::watch(environment.clone(), options.output.clone()));
        Ok(Self { environment, servers, services, edge, stop: stop.drop_guard(), output: options.output })
    }

    /// SIGKILL for a service, as a crash; it is started again. Returns when the death was noticed.
    pub async fn kill(&self, service: &str) -> Result<()> {
        let found = self.services.iter().find(|supervised| supervised.name == service);
        found.with_context(|| format!("there is no service `{service}`"))?.kill().await
    }

    /// The process of a service, while it has one.
    pub fn pid(&self, service: &str) -> Option<i32> {
        let found = self.services.iter().find(|supervised| supervised.name == service)?;
        found.life().pid.map(|pid| pid.as_raw_nonzero().get())
    }

    /// How often a service has died so far.
    pub fn deaths(&self, service: &str) -> u32 {
        let found = self.services.iter().find(|supervised| supervised.name == service);
        found.map_or(0, |supervised| supervised.life().deaths)
    }

    /// The edge, as a browser on this machine would name it.
    pub fn url(&self) -> String {
        format!("http://localhost:{}", self.environment.ports.edge)
    }

    /// A service's public API, past the edge.
    pub fn service_url(&self, service: &str) -> String {
        format!("http://127.0.0.1:{}", self.environment.ports.service(service).unwrap_or_default())
    }

    /// A service's `/healthz`, `/readyz` and `/metrics`.
    pub fn admin_url(&self, service: &str) -> String {
        format!("http://127.0.0.1:{}", self.environment.ports.admin(service).unwrap_or_default())
    }

    /// The servers and ports of the services.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Stops everything in order: the edge and the services, which finish what is in flight, then the servers.
    pub async fn stop(self) -> Result<()> {
        self.stop.disarm().cancel();
        let mut edge = self.edge;
        let services = self.services;
        let ((), edge_ended) = tokio::join!(
            async {
                for service in services {
                    service.ended().await;
                }
            },
            timeout(STOP_LIMIT, &mut edge),
        );
        self.servers.abort();
        if edge_ended.is_err() {
            edge.abort();
        }
        self.environment.stop().await
    }
}

fn program(name: &'static str, folder: &Path, environment: &Environment, options: &Options) -> Program {
    let mut program = Program::new(name, folder.join(name)).grace_period(STOP_LIMIT);
    if matches!(options.home, Home::Temporary) {
        program = NOT_FOR_TESTS.iter().fold(program, |program, variable| program.without(*variable));
    }
    // A little less than the time after which a stop turns into a kill.
    program = program.environment("DRAIN_SECONDS", "8");
    for (variable, value) in environment.variables(name) {
        program = program.environment(variable, value);
    }
    for (service, variable, value) in &options.variables {
        if service.as_deref().is_none_or(|service| service == name) {
            program = program.environment(variable, value);
        }
    }
    program
}
