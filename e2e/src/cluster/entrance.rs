//! The way in: the ingress whose URL is given, or an edge router of our own in its place.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};

use anyhow::{Context, Result};
use common::testing::{HttpClient, eventually};
use infra_local::edge;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Arguments;
use super::kubectl::{self, text};
use super::report::say;
use super::undo::Undo;

/// The services behind the ingress.
const SERVICES: [&str; 5] = ["auth", "tickets", "orders", "payments", "client"];

const PORT: u16 = 3000;

/// The object that lets our own edge in.
const POLICY: &str = "cluster-test-edge";

const REACHABLE: &str = "this machine reaches the services at their cluster addresses (elsewhere give the URL of the ingress \
    with --url, and --insecure for a self-signed certificate)";

/// The way in, open as long as this value lives.
pub struct Entrance {
    /// The platform behind it.
    pub site: HttpClient,
    _edge: Option<DropGuard>,
}

impl Entrance {
    /// Opens it.
    pub async fn open(arguments: &Arguments, undo: &Undo) -> Result<Self> {
        if let Some(url) = &arguments.url {
            say(&format!("requests go to {url}"));
            let new = if arguments.insecure { HttpClient::accepting_any_certificate } else { HttpClient::new };
            return Ok(Self { site: new(url), _edge: None });
        }
        let mut backends = HashMap::new();
        for service in SERVICES {
            let ip = text(&kubectl::get(&["service", &format!("{service}-srv")]).await?, "/spec/clusterIP");
            let ip: IpAddr = ip
                .parse()
                .with_context(|| format!("Service {service}-srv has no cluster IP: is the overlay applied?"))?;
            let address = SocketAddr::new(ip, PORT);
            if backends.is_empty() {
                let_ourselves_in(address, undo).await?;
            }
            backends.insert(service.to_owned(), address.to_string());
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        say(&format!("requests go through an edge router of our own at {url} to the services' ClusterIPs"));
        let stop = CancellationToken::new();
        tokio::spawn(edge::serve(listener, backends, stop.clone().cancelled_owned()));
        let site = HttpClient::new(&url);
        eventually(REACHABLE, async || (site.get("/").await.status == 200).then_some(())).await;
        Ok(Self { site, _edge: Some(stop.drop_guard()) })
    }
}

/// The platform's policies let in the ingress controller and nobody else. Our edge stands in its place, so it is let in as
/// well, for as long as it runs, with the address that this machine has towards the cluster.
async fn let_ourselves_in(service: SocketAddr, undo: &Undo) -> Result<()> {
    let socket = UdpSocket::bind(if service.is_ipv6() { "[::]:0" } else { "0.0.0.0:0" })?;
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
    undo.plan(&["delete", "networkpolicy", POLICY, "--ignore-not-found"], "");
    kubectl::feed(&["apply", "--filename=-"], &policy.to_string()).await.map(drop)
}
