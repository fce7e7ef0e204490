//! The way in: the ingress whose URL is given, or an edge router of our own in its place.

use std::collections::HashMap;
use std::net::UdpSocket;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures::future::try_join_all;
use infra_local::edge;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Arguments;
use super::kubectl::{self, text};
use super::report::say;
use super::undo::Undo;
use crate::site::Site;

/// The services behind the ingress.
const SERVICES: [&str; 5] = ["auth", "tickets", "orders", "payments", "client"];

const PORT: u16 = 3000;

/// How long the services may take to answer under their cluster addresses.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// The object that lets our own edge in.
const POLICY: &str = "cluster-test-edge";

const NO_WAY_IN: &str = "the services do not answer at their cluster addresses from this machine: give the URL of the \
    ingress with --url (and --insecure for a certificate that nobody has signed)";

/// The platform's door, open as long as this value lives.
pub struct Entrance {
    /// The platform behind it.
    pub site: Site,
    _edge: Option<DropGuard>,
}

impl Entrance {
    /// Opens it.
    ///
    /// # Errors
    /// When no URL is given and the cluster's service addresses do not answer from this machine.
    pub async fn open(arguments: &Arguments, undo: &Undo) -> Result<Self> {
        if let Some(url) = &arguments.url {
            say(&format!("the platform is asked at {url}"));
            let site = if arguments.insecure { Site::with_any_certificate(url) } else { Site::at(url) };
            return Ok(Self { site, _edge: None });
        }
        let backends = backends().await?;
        let_ourselves_in(backends.values().next().context("no services")?, undo).await?;
        try_join_all(backends.values().map(|address| answers(address))).await.context(NO_WAY_IN)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        say(&format!(
            "the platform is asked through an edge of our own at {url}, the ingress's routes before the ClusterIPs"
        ));
        let stop = CancellationToken::new();
        tokio::spawn(edge::serve(listener, backends, stop.clone().cancelled_owned()));
        Ok(Self { site: Site::at(&url), _edge: Some(stop.drop_guard()) })
    }
}

async fn backends() -> Result<HashMap<String, String>> {
    let address = async |service: &str| {
        let found = kubectl::get(&["service", &format!("{service}-srv")]).await?;
        let ip = text(&found, "/spec/clusterIP");
        ensure!(!ip.is_empty(), "there is no Service {service}-srv: is the overlay applied?");
        let address = if ip.contains(':') { format!("[{ip}]:{PORT}") } else { format!("{ip}:{PORT}") };
        Ok((service.to_owned(), address))
    };
    Ok(try_join_all(SERVICES.map(address)).await?.into_iter().collect())
}

/// The platform's policies let in the ingress controller and nobody else. Our edge stands in its place, so it is let in as
/// well, for as long as it runs, with the address that this machine has towards the cluster.
async fn let_ourselves_in(service: &str, undo: &Undo) -> Result<()> {
    let socket = UdpSocket::bind(if service.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" })?;
    socket.connect(service).with_context(|| format!("there is no way to {service}: give --url"))?;
    let our_address = socket.local_addr()?.ip();
    let cidr = format!("{our_address}/{}", if our_address.is_ipv6() { 128 } else { 32 });
    let policy = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": POLICY},
        "spec": {
            "podSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": SERVICES}]},
            "policyTypes": ["Ingress"],
            "ingress": [{"from": [{"ipBlock": {"cidr": cidr}}], "ports": [{"port": PORT}]}],
        },
    });
    undo.plan(POLICY, &["delete", "networkpolicy", POLICY, "--ignore-not-found"], "");
    kubectl::feed(&["apply", "--filename=-"], &policy.to_string()).await.map(drop)
}

/// Waits until a connection can be made.
async fn answers(address: &str) -> Result<()> {
    let until = Instant::now() + ANSWER_LIMIT;
    while Instant::now() < until {
        if let Ok(Ok(_)) = timeout(ANSWER_LIMIT, TcpStream::connect(address)).await {
            return Ok(());
        }
        sleep(Duration::from_millis(200)).await;
    }
    bail!("{address} does not answer")
}
