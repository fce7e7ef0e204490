//! `cargo xtask up`: the platform on this machine.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use infra_local::fleet::{Environment, Options, Output, Programs, SERVICES, observe, state};
use infra_local::process::Process;
use infra_local::{Fleet, Home};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::seed;

/// Enough for a slow machine; others need a few seconds.
const READY_TIMEOUT: Duration = Duration::from_secs(90);

#[derive(Args)]
pub struct Up {
    /// Delete the data of earlier runs first.
    #[arg(long)]
    fresh: bool,
    /// Build the services with optimisation.
    #[arg(long)]
    release: bool,
    /// Start only mongod, nats-server and redis-server, and print the variables that a service run by hand needs.
    #[arg(long)]
    servers_only: bool,
    /// The edge's port; everything else takes the 24 ports after it.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Run Grafana with the dashboard, the alerts and every trace too, in a container of docker or podman.
    #[arg(long, conflicts_with = "servers_only")]
    observe: bool,
}

impl Up {
    pub async fn run(self) -> Result<ExitCode> {
        let mut end = EndSignals::new()?;
        let output = Output::terminal()?;
        let home = Home::Kept(state::folder()?);
        // When the signal comes while something is being started, dropping its future ends what was started.
        if self.servers_only {
            tokio::select! {
                environment = Environment::prepare(&home, self.fresh, Some(self.port)) => {
                    serve_servers(environment?, &output, &mut end).await?;
                }
                () = end.recv() => {}
            }
        } else {
            let mut options = Options {
                port: Some(self.port),
                home,
                fresh: self.fresh,
                programs: Programs::Build { release: self.release },
                variables: Vec::new(),
                output: output.clone(),
            };
            let start = async {
                let grafana = if self.observe { Some(observe::start(&mut options).await?) } else { None };
                anyhow::Ok((Fleet::start(options).await?, grafana))
            };
            tokio::select! {
                started = start => serve_fleet(started?, &output, &mut end).await?,
                () = end.recv() => {}
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn serve_servers(environment: Environment, output: &Output, end: &mut EndSignals) -> Result<()> {
    output.text(&servers_message(&environment));
    end.recv().await;
    output.text("stopping");
    environment.stop().await
}

async fn serve_fleet((fleet, grafana): (Fleet, Option<Process>), output: &Output, end: &mut EndSignals) -> Result<()> {
    let ready = tokio::select! {
        ready = fleet.wait_ready(READY_TIMEOUT) => ready.map(|()| true),
        () = end.recv() => Ok(false),
    };
    if let Ok(true) = ready {
        output.text(&ready_message(&fleet));
        if grafana.is_some() {
            let [port, _] = fleet.environment().ports.observer();
            output.text(&format!(
                "  Grafana      http://localhost:{port}/d/ticketing (it takes half a minute to start)\n"
            ));
        }
        end.recv().await;
    }
    output.text("stopping");
    fleet.stop().await?;
    if let Some(mut grafana) = grafana {
        grafana.stop(Duration::from_secs(10)).await?;
    }
    ready.map(drop)
}

/// Ctrl-C, SIGTERM, and SIGHUP when the terminal is closed.
struct EndSignals([Signal; 3]);

impl EndSignals {
    fn new() -> Result<Self> {
        Ok(Self([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?]))
    }

    async fn recv(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

fn ready_message(fleet: &Fleet) -> String {
    let url = fleet.url();
    let mut text = format!(
        "
  The platform is ready: {url}

  Try    sign up, sell a ticket, then buy it from a second account (a private window)
         and pay with the sandbox card tok_visa; tok_chargeDeclined is declined
  Demo   cargo xtask seed{port} makes {seller} and {buyer},
         password {password}, and 300 listings
  Stop   Ctrl-C; the data stays until `cargo xtask up --fresh`

  service      public API               /healthz /readyz /metrics
",
        port = if fleet.environment().ports.edge == 3000 { String::new() } else { format!(" --url {url}") },
        seller = seed::SELLERS[0],
        buyer = seed::BUYER,
        password = seed::PASSWORD,
    );
    for service in SERVICES {
        text += &format!("  {service:<12} {:<24} {}\n", fleet.service_url(service), fleet.admin_url(service));
    }
    let environment = fleet.environment();
    text + &format!(
        "  mongod       {}\n  nats         {}\n  redis        {}\n",
        // The URL of a server that the environment names is not printed: it may contain a password.
        environment.mongod.as_ref().map_or("from MONGO_URI".to_owned(), |mongod| mongod.url()),
        environment.nats.as_ref().map_or("from NATS_URL".to_owned(), |nats| nats.url()),
        environment.redis.as_ref().map_or("from REDIS_HOST".to_owned(), |redis| redis.url()),
    )
}

/// Lines to copy into a shell: one for all services, then one per service.
fn servers_message(environment: &Environment) -> String {
    let mut text = String::from("\n# The servers are running; Ctrl-C stops them. In another shell, once:\n");
    for (name, value) in environment.variables("client").iter().filter(|(name, _)| !is_own(name)) {
        text += &format!("export {name}='{value}'\n");
    }
    text += "\n# then any of these:\n";
    for service in SERVICES {
        let own = environment.variables(service).into_iter().filter(|(name, _)| is_own(name));
        let own: Vec<String> = own.map(|(name, value)| format!("{name}='{value}'")).collect();
        text += &format!("{} cargo run --bin {service}\n", own.join(" "));
    }
    text
}

/// Whether a variable differs from service to service.
fn is_own(variable: &str) -> bool {
    ["LISTEN_ADDR", "ADMIN_ADDR", "MONGO_URI"].contains(&variable)
}
