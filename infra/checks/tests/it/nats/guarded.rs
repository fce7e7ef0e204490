//! The broker as an overlay has it, on ports of its own, with the streams of `streams.json`.

use async_nats::{Client, ConnectError, ConnectOptions};
use checks::Overlay;
use checks::environment::{Environment, arguments, environment};
use clap::Parser;
use common::testing::eventually;
use infra_local::ports;
use infra_local::process::Process;
use tokio::net::TcpStream;

use super::caller::Caller;
use super::configuration::{Configuration, write_config_map};

/// One server, or several that are one.
pub struct Guarded {
    port: u16,
    environment: Environment,
    _servers: Vec<Process>,
}

impl Guarded {
    pub async fn start(overlay: &Overlay) -> Self {
        let count = overlay.workload("nats").object.at("/spec/replicas").as_u64().unwrap();
        let clients: Vec<u16> = (0..count).map(|_| ports::free().unwrap()).collect();
        let routes: Vec<u16> = (0..count).map(|_| ports::free().unwrap()).collect();
        let mut servers = Vec::new();
        for (number, port) in clients.iter().enumerate() {
            let configuration =
                if count == 1 { Configuration::write(overlay) } else { of_several(overlay, &routes, number) };
            let (port, monitor) = (port.to_string(), ports::free().unwrap().to_string());
            let listen = ["--addr", "127.0.0.1", "--port", &port, "--http_port", &monitor];
            servers.push(configuration.program(&listen).await.spawn().unwrap());
        }
        for port in &clients {
            eventually("the broker listens", async || TcpStream::connect(("127.0.0.1", *port)).await.ok()).await;
        }
        let environment = environment(&overlay.workload("nats").containers()[0]);
        let guarded = Self { port: clients[0], environment, _servers: servers };
        guarded.make_streams(overlay).await;
        guarded
    }

    /// What the Job `nats-init` does, with its own arguments.
    async fn make_streams(&self, overlay: &Overlay) {
        let folder = tempfile::tempdir().unwrap();
        let job = overlay.workload("nats-init").containers()[0];
        write_config_map(overlay, &job, "/topology", folder.path());
        let here = format!("{}/", folder.path().display());
        let arguments = arguments(&job).into_iter().map(|argument| argument.replace("/topology/", &here));
        let copies = format!("--stream-replicas={}", environment(&job)["STREAM_REPLICAS"]);
        let settings = [format!("--nats-url={}", self.url("ops")), copies, "--within=30".to_owned()];
        let line = ["ops".to_owned()].into_iter().chain(arguments).chain(settings);
        ops::cli::Cli::try_parse_from(line).unwrap().run().await.unwrap();
    }

    /// The broker's URL with the login of this user.
    pub fn url(&self, user: &str) -> String {
        format!("nats://{user}:{}@127.0.0.1:{}", self.password(user), self.port)
    }

    fn password(&self, user: &str) -> &str {
        &self.environment[&format!("{}_PASSWORD", user.to_uppercase())]
    }

    /// A connection as this user, with a service's own inboxes.
    pub async fn connect(&self, user: &str) -> Caller {
        let options = ConnectOptions::with_user_and_password(user.to_owned(), self.password(user).to_owned());
        Caller::connect(user, options, self.port).await
    }

    /// A connection with whatever the options say.
    pub async fn connect_as(&self, options: ConnectOptions) -> Result<Client, ConnectError> {
        options.connect(format!("127.0.0.1:{}", self.port)).await
    }
}

/// The configuration of one of several servers, which find each other on this machine.
fn of_several(overlay: &Overlay, routes: &[u16], number: usize) -> Configuration {
    let mut configuration = Configuration::write(overlay);
    configuration.replace("routes.conf", "port: 6222", &format!("listen: \"127.0.0.1:{}\"", routes[number]));
    configuration.environment.insert("POD_NAME".to_owned(), format!("nats-{number}"));
    let there = configuration.environment["ROUTES"].clone();
    let here = routes.iter().enumerate().fold(there, |urls, (number, port)| {
        let host = format!("nats-{number}.nats:6222");
        assert!(urls.contains(&host), "{urls} has no {host}");
        urls.replace(&host, &format!("127.0.0.1:{port}"))
    });
    configuration.environment.insert("ROUTES".to_owned(), here);
    configuration
}
