//! A replica of tickets.

use std::path::Path;

use common::testing::{self, HttpClient, eventually};
use infra_local::process::{Process, Program};
use infra_local::{Mongod, Nats, ports};

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
    /// Out of the folder with the programs.
    pub async fn start(programs: &Path, mongod: &Mongod, nats: &Nats) -> Self {
        let [address, admin] = [0, 1].map(|_| format!("127.0.0.1:{}", ports::free().unwrap()));
        let process = Program::new(TICKETS, programs.join(TICKETS))
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
