//! Real servers with the arguments of the overlay `prod` and certificates as its `Certificate`s describe them: who has the authority
//! gets in with the URL of the manifests, and nobody in plain text.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use common::config::{MongoConfig, NatsConfig, OptionalFile};
use common::testing::eventually;
use common::{mongo, nats};
use expiration::connection::Connection;
use infra_local::ports;
use infra_local::process::{Process, Program};
use infra_local::servers::locate::locate;
use infra_local::servers::{mongod, redis};
use mongodb::Client;
use mongodb::bson::doc;
use mongodb::options::ClientOptions;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use serde_json::Value;
use tempfile::TempDir;

use crate::overlay::{Container, Overlay, WITH_GATEWAY_API, assert_none, list, overlay, overlays, text};
use crate::tools::skip;

/// Where clients find the authority, as the ConfigMap `store-connections` says.
const AUTHORITY: &str = "/etc/store-ca/ca.crt";

/// Writes `ca.crt`, `tls.crt` and `tls.key` for the names of this Certificate of the overlay `prod`.
pub fn certify(certificate: &str, folder: &Path) {
    static AUTHORITY: LazyLock<CertifiedIssuer<'static, KeyPair>> = LazyLock::new(|| {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    });
    let names = &overlay("prod").object("Certificate", &certificate.into())["spec"]["dnsNames"];
    let names: Vec<String> = list(names).iter().map(|name| text(name).to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let signed = CertificateParams::new(names).unwrap().signed_by(&key, &AUTHORITY).unwrap();
    fs::write(folder.join("ca.crt"), AUTHORITY.pem()).unwrap();
    fs::write(folder.join("tls.crt"), signed.pem()).unwrap();
    fs::write(folder.join("tls.key"), key.serialize_pem()).unwrap();
}

/// The URL at which a client of the overlay `prod` reaches a store, with the store on a port of this machine.
fn url_here(client: &str, variable: &str, service: &str, port: u16, folder: &Path) -> String {
    let url = overlay("prod").container(client).environment()[variable].clone();
    let (host, authority) = (format!("localhost:{port}"), folder.join("ca.crt").display().to_string());
    let there = url.split_once(service).unwrap().1.chars().take_while(|it| it.is_ascii_digit() || *it == ':');
    let there = format!("{service}{}", there.collect::<String>());
    assert!(there.contains(':'), "{url}");
    url.replace(&there, &host).replace(AUTHORITY, &authority)
}

/// A server with a container's arguments, its files in a folder and its port a free one. Whoever starts it reads its log.
struct Server {
    port: u16,
    folder: TempDir,
    process: Process,
}

impl Server {
    async fn start(program: PathBuf, container: Container<'_>, certificate: &str, further: &[&str]) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), ports::free().unwrap());
        let path = folder.path();
        certify(certificate, path);
        let pem = ["tls.crt", "tls.key"].map(|file| fs::read_to_string(path.join(file)).unwrap()).concat();
        fs::write(path.join("server.pem"), pem).unwrap();
        fs::write(path.join("keyfile"), "k".repeat(64)).unwrap();
        private(&path.join("keyfile"));
        fs::create_dir(path.join("db")).unwrap();
        let here = format!("{}/", path.display());
        let environment = container.environment();
        let argument = |argument: &Value| {
            let mut argument = text(argument).replace("/tls/", &here).replace("/keys/", &here).replace("/data/", &here);
            for (name, value) in &environment {
                argument = argument.replace(&format!("$({name})"), value);
            }
            if argument == "/data" { path.display().to_string() } else { argument.replace("6379", &port.to_string()) }
        };
        let arguments = list(&container.value["args"]).iter().map(argument);
        let arguments = arguments.chain(further.iter().map(|it| it.replace("PORT", &port.to_string())));
        let process = Program::new(container.name(), program)
            .arguments(arguments)
            .log_to(path.join("log"))
            .grace_period(Duration::ZERO)
            .spawn()
            .unwrap();
        Self { port, folder, process }
    }

    fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.crt")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

fn private(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o400)).unwrap();
}

#[tokio::test]
async fn the_broker_takes_encrypted_connections_alone() {
    let container = overlay("prod").container("nats");
    let port = ports::free().unwrap();
    let listen = ["--addr", "127.0.0.1", "--port", &port.to_string(), "--http_port", "-1"];
    let (program, log) = crate::nats::program(container, &listen).await;
    let folder = log.parent().unwrap();
    // One server, so that there is somebody to store what is published.
    fs::write(folder.join("routes.conf"), "").unwrap();
    let _server = program.spawn().unwrap();
    eventually("nats-server listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
    let url = url_here(orders::NAME, "NATS_URL", "nats-srv", port, folder);
    assert!(url.starts_with("tls://"), "{url}");
    let config = |url: &str, authority: Option<PathBuf>| NatsConfig {
        nats_ca_file: OptionalFile(authority),
        ..NatsConfig::at(url.parse().unwrap())
    };
    let authority = Some(folder.join("ca.crt"));
    let broker = nats::connect(&config(&url, authority.clone()), orders::NAME).await.unwrap();
    broker.ready().await.unwrap();
    // Also where the URL forgets to say so.
    let broker = nats::connect(&config(&url.replace("tls://", "nats://"), authority), orders::NAME).await.unwrap();
    broker.ready().await.unwrap();
    let stranger = nats::connect(&config(&url, None), orders::NAME).await.unwrap();
    assert!(!stranger.is_connected(), "the broker's authority is none of this system's");
    for unusable in ["/nowhere/ca.crt", "/dev/null"] {
        let refused = nats::connect(&config(&url, Some(unusable.into())), orders::NAME).await;
        let refused = refused.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(refused.starts_with("NATS_CA_FILE: "), "{unusable}: {refused}");
    }
}

#[tokio::test]
async fn mongodb_takes_encrypted_connections_alone() {
    let is_mongod = |it: &Container<'_>| it.place() == "prod: StatefulSet orders-mongo" && it.name() == "mongod";
    let container = overlay("prod").containers().find(is_mongod).unwrap();
    let program = locate(&mongod::RECIPE).await.unwrap();
    let mongod = Server::start(program, container, "orders-mongo-tls", &["--port", "PORT"]).await;
    let url = url_here(orders::NAME, "MONGO_URI", "orders-mongo-srv", mongod.port, mongod.folder.path());
    let (login, rest) = url.trim_start_matches("mongodb://").split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    // As the init Job does it, from this machine and so without a login.
    let options = rest.split_once("rs0").unwrap().1;
    let direct = format!("mongodb://localhost:{}/?directConnection=true{options}", mongod.port);
    let set = doc! {"_id": "rs0", "members": [{"_id": 0, "host": format!("localhost:{}", mongod.port)}]};
    let admin = Client::with_options(ClientOptions::parse(&direct).await.unwrap()).unwrap().database("admin");
    let initiated = admin.run_command(doc! {"replSetInitiate": set}).await;
    initiated.unwrap_or_else(|error| panic!("{error}\n{}", mongod.log()));
    let root = doc! {"createUser": "root", "pwd": "secret", "roles": ["root"]};
    eventually("there is a user", async || admin.run_command(root.clone()).await.ok()).await;
    let as_root = direct.replace("mongodb://", "mongodb://root:secret@");
    let as_root = Client::with_uri_str(as_root).await.unwrap();
    let user = doc! {"createUser": user, "pwd": password, "roles": ["readWrite"]};
    as_root.database("orders").run_command(user).await.unwrap();

    let config = |url: &str| MongoConfig { mongo_uri: url.parse().unwrap() };
    mongo::ping(&mongo::connect(&config(&url), orders::NAME).await.unwrap()).await.unwrap();
    let plain = mongo::connect(&config(&url.replace(options, "")), orders::NAME).await.unwrap();
    assert!(mongo::ping(&plain).await.is_err(), "in plain text");
    let no_authority = url.split_once("&tlsCAFile").unwrap().0;
    let stranger = mongo::connect(&config(no_authority), orders::NAME).await.unwrap();
    assert!(mongo::ping(&stranger).await.is_err(), "its authority is none of this system's");
}

#[tokio::test]
async fn redis_takes_encrypted_connections_alone() {
    let container = overlay("prod").container("redis");
    let mut server = Server::start(locate(&redis::RECIPE).await.unwrap(), container, "expiration-redis-tls", &[]).await;
    let address = ("127.0.0.1", server.port);
    let listens = async || tokio::net::TcpStream::connect(address).await.ok().map(|_| true);
    let started = tokio::select! {
        _ = server.process.wait() => false,
        listens = eventually("redis-server listens", listens) => listens,
    };
    if !started && server.log().contains("tls") {
        return skip("TLS of Redis", "this redis-server was built without it; Debian's has it");
    }
    assert!(started, "{}", server.log());
    let url = url_here(expiration::NAME, "REDIS_HOST", "expiration-redis-srv", server.port, server.folder.path());
    assert!(url.starts_with("rediss://"), "{url}");
    let ping = async |url: &str, authority| {
        let connection = Connection::new(&url.parse().unwrap(), &OptionalFile(authority)).unwrap();
        connection.ping().await
    };
    ping(&url, Some(server.authority())).await.unwrap();
    assert!(ping(&url, None).await.is_err(), "its authority is none of this system's");
    assert!(ping(&url.replace("rediss", "redis"), None).await.is_err(), "in plain text");
    for (url, file) in [(url.as_str(), "/nowhere/ca.crt"), (&url.replace("rediss", "redis"), AUTHORITY)] {
        let refused = Connection::new(&url.parse().unwrap(), &OptionalFile(Some(file.into()))).err().unwrap();
        assert!(refused.to_string().starts_with("REDIS_CA_FILE: "), "{refused}");
    }
}

/// Secrets of certificates that pods mount, and whether they start without them.
fn mounted(overlay: &Overlay) -> BTreeSet<(&str, bool)> {
    let volumes = overlay.containers().flat_map(|container| list(&container.pod["spec"]["volumes"]));
    let secrets = volumes.map(|volume| &volume["secret"]).filter(|secret| secret.is_object());
    let secrets = secrets.map(|secret| (text(&secret["secretName"]), secret["optional"] == true));
    secrets.filter(|(name, _)| name.ends_with("-tls")).collect()
}

#[test]
fn in_the_cloud_every_store_has_a_certificate_of_its_names_and_on_a_laptop_none() {
    let mut problems = Vec::new();
    for overlay in overlays() {
        let is_laptop = overlay.name.starts_with("dev");
        let mounted = mounted(overlay);
        assert_eq!(mounted.len(), 6, "{mounted:?}");
        for (secret, optional) in mounted {
            if optional != is_laptop {
                problems.push(format!("{}: {secret} may be missing: {optional}", overlay.name));
            }
            if is_laptop {
                continue;
            }
            let certificate = overlay.object("Certificate", &secret.into());
            let names: BTreeSet<&str> = list(&certificate["spec"]["dnsNames"]).iter().map(text).collect();
            let store = secret.trim_end_matches("-tls");
            let set = overlay.object("StatefulSet", &store.into());
            let mut needed = BTreeSet::from([format!("{store}-srv")]);
            // The only Redis is found by its Service alone.
            for number in 0..set["spec"]["replicas"].as_u64().filter(|count| *count > 1).unwrap_or_default() {
                needed.insert(format!("{store}-{number}.{}", text(&set["spec"]["serviceName"])));
            }
            let lacking = needed.iter().filter(|name| !names.contains(name.as_str()));
            problems.extend(lacking.map(|name| format!("{}: {secret} is not for {name}", overlay.name)));
        }
    }
    assert_none(problems);
}

/// cert-manager's pod has no label of ours, so the policy that denies everything holds for it.
#[test]
fn the_pod_that_proves_our_name_is_reached_from_the_entrance() {
    for (name, label) in [("prod", "kubernetes.io/metadata.name"), (WITH_GATEWAY_API, "ticketing.dev/gateway")] {
        let policy = &overlay(name).object("NetworkPolicy", &"acme-solver".into())["spec"];
        assert_eq!(policy["podSelector"]["matchLabels"]["acme.cert-manager.io/http01-solver"], "true");
        let rule = &policy["ingress"][0];
        assert_eq!(rule["ports"][0]["port"], 8089, "{name}");
        assert!(rule["from"][0]["namespaceSelector"]["matchLabels"].get(label).is_some(), "{name}: {rule}");
    }
}
