//! A replica of tickets.

use std::process::Stdio;

use common::testing::{self, HttpClient, eventually};
use infra_local::process::{Process, Program};
use infra_local::{Mongod, Nats, cargo, ports};

/// The crate, its program, and its database.
pub const TICKETS: &str = "tickets";

/// The optimised program as a process of its own.
pub struct Replica {
    pub process: Process,
    pub address: String,
    pub site: HttpClient,
    pub admin: HttpClient,
}

impl Replica {
    pub async fn start(mongod: &Mongod, nats: &Nats) -> Self {
        let mut build = tokio::process::Command::from(cargo::command());
        build.args(["build", "--release", "-p", TICKETS, "--bin", TICKETS]).stdin(Stdio::null());
        assert!(build.status().await.unwrap().success());
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release").join(TICKETS);
        let [address, admin] = [0, 1].map(|_| format!("127.0.0.1:{}", ports::free().unwrap()));
        let process = Program::new(TICKETS, path)
            .environment("MONGO_URI", mongod.url_for(TICKETS))
            .environment("NATS_URL", nats.url())
            .environment("JWT_KEY", testing::JWT_KEY)
            .environment("LIVE_TICKETS_PER_SELLER", "0")
            .environment("WRITES_PER_MINUTE", "1000000")
            .environment("ADDRESS_WRITES_PER_MINUTE", "1000000")
            .environment("LISTEN_ADDR", &address)
            .environment("ADMIN_ADDR", &admin)
            .log_to(std::env::temp_dir().join("ticketing-replica.log"))
            .spawn()
            .unwrap();
        let site = |address: &str| HttpClient::new(&format!("http://{address}"));
        let (site, admin) = (site(&address), site(&admin));
        eventually("the replica is ready", async || (admin.get("/readyz").await.status == 200).then_some(())).await;
        Self { process, address, site, admin }
    }
}
