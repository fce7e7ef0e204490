//! Servers with the access control that they have on a cluster, each ended with its test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use infra_local::ports;
use infra_local::process::{Process, Program};
use infra_local::servers::locate::locate;
use infra_local::servers::{Recipe, mongod, nats};
use mongodb::options::{AuthMechanism, ClientOptions, Credential};
use mongodb::{Client, Database};
use tempfile::TempDir;

/// The key file that members share.
pub struct KeyFile {
    folder: TempDir,
    text: String,
}

impl KeyFile {
    /// A key, written with line breaks, which are no part of it.
    pub fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyfile");
        let (one, other) = text.split_at(text.len() / 2);
        fs::write(&path, format!("{one}\n{other}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        Self { folder, text: text.to_owned() }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("keyfile")
    }
}

/// A mongod that lets in only who knows the key or has a password. It belongs to no set when it starts.
pub struct KeyedMongod {
    pub port: u16,
    key: String,
    _process: Process,
}

impl KeyedMongod {
    pub async fn start(key: &KeyFile) -> Self {
        Self::start_on(ports::free().unwrap(), key).await
    }

    pub async fn start_on(port: u16, key: &KeyFile) -> Self {
        let arguments = |data: &Path| {
            let place = ["--dbpath", &data.to_string_lossy(), "--bind_ip", "127.0.0.1", "--port", &port.to_string()]
                .map(String::from);
            let set = ["--replSet", "rs0", "--keyFile", &key.path().to_string_lossy()].map(String::from);
            let small = ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64", "--nounixsocket", "--quiet"];
            let calm = ["--setParameter", "diagnosticDataCollectionEnabled=false"];
            place.into_iter().chain(set).chain(small.map(String::from)).chain(calm.map(String::from)).collect()
        };
        Self { port, key: key.text.clone(), _process: start(&mongod::RECIPE, arguments).await }
    }

    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A connection with all rights.
    pub async fn admin(&self) -> Database {
        let mut options =
            ClientOptions::parse(format!("mongodb://{}/?directConnection=true", self.host())).await.unwrap();
        options.credential = Some(
            Credential::builder()
                .username("__system".to_owned())
                .source("local".to_owned())
                .password(self.key.clone())
                .mechanism(AuthMechanism::ScramSha256)
                .build(),
        );
        Client::with_options(options).unwrap().database("admin")
    }

    /// The URI of a service's database, as the service has it.
    pub fn uri(&self, user: &str, password: &str, database: &str) -> String {
        format!("mongodb://{user}:{password}@{}/{database}?replicaSet=rs0", self.host())
    }

    /// The service's database, past the service's patience.
    pub async fn open(&self, user: &str, password: &str) -> Database {
        let mut options = ClientOptions::parse(self.uri(user, password, user)).await.unwrap();
        options.server_selection_timeout = Some(Duration::from_secs(10));
        Client::with_options(options).unwrap().database(user)
    }
}

/// Three nats-servers that are one cluster. Clients log in as `ops` with the password `secret`.
pub struct NatsCluster {
    ports: Vec<u16>,
    _processes: Vec<Process>,
}

impl NatsCluster {
    pub async fn start() -> Self {
        let ports: Vec<u16> = (0..3).map(|_| ports::free().unwrap()).collect();
        let routes: Vec<u16> = (0..3).map(|_| ports::free().unwrap()).collect();
        let all = routes.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect::<Vec<_>>().join(",");
        let mut processes = Vec::new();
        for (port, route) in ports.iter().zip(&routes) {
            let arguments = |data: &Path| {
                let client =
                    ["-a", "127.0.0.1", "-p", &port.to_string(), "--user", "ops", "--pass", "secret"].map(String::from);
                let store = ["-js", "-sd", &data.to_string_lossy(), "-n", &format!("n{port}")].map(String::from);
                let cluster =
                    ["--cluster_name", "c", "--cluster", &format!("nats://127.0.0.1:{route}"), "--routes", &all]
                        .map(String::from);
                client.into_iter().chain(store).chain(cluster).collect()
            };
            processes.push(start(&nats::RECIPE, arguments).await);
        }
        Self { ports, _processes: processes }
    }

    pub fn url(&self) -> String {
        self.ports.iter().map(|port| format!("nats://ops:secret@127.0.0.1:{port}")).collect::<Vec<_>>().join(",")
    }
}

/// A connection of the test's own.
pub async fn connect(url: &str) -> async_nats::Client {
    let servers: Vec<async_nats::ServerAddr> = url.split(',').map(|url| url.parse().unwrap()).collect();
    let mut options = async_nats::ConnectOptions::new();
    if let (Some(user), Some(password)) = (servers[0].username(), servers[0].password()) {
        options = options.user_and_password(user.to_owned(), password.to_owned());
    }
    options.connect(servers).await.unwrap()
}

/// Starts a program with a data folder of its own, and does not wait until it answers: that is what `ops` is for.
async fn start(recipe: &'static Recipe, arguments: impl FnOnce(&Path) -> Vec<String>) -> Process {
    let path = locate(recipe).await.unwrap();
    let home = tempfile::Builder::new().prefix("ticketing-").tempdir().unwrap().keep();
    let data = home.join("data");
    fs::create_dir(&data).unwrap();
    let program = Program::new(recipe.name, path).arguments(arguments(&data)).log_to(home.join("log"));
    program.grace_period(Duration::ZERO).remove_afterwards(&home).spawn().unwrap()
}
