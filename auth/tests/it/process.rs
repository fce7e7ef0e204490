//! The service as a process of its own: its log, its memory, its metrics and what it exports are nobody else's.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use common::id::Id;
use common::testing::{self, HttpClient, eventually};
use infra_local::process::{Process, Program};
use infra_local::{Nats, ports};
use serde_json::Value;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_auth");

/// A process that is ready, and who asks it.
pub struct Running {
    pub process: Process,
    pub api: HttpClient,
    pub admin: HttpClient,
    pub nats: Nats,
    log: PathBuf,
}

impl Running {
    pub async fn start(mongo_uri: &str, settings: &[(&str, &str)]) -> Self {
        let nats = testing::new_nats().await;
        let first = ports::free_block(2).unwrap();
        let [api, admin] = [first, first + 1].map(|port| format!("127.0.0.1:{port}"));
        let log = std::env::temp_dir().join(format!("auth-{}.log", Id::generate()));
        let program = Program::new("auth", PROGRAM)
            .environment("MONGO_URI", mongo_uri)
            .environment("NATS_URL", nats.url())
            .environment("JWT_KEY", testing::JWT_KEY)
            .environment("LISTEN_ADDR", &api)
            .environment("ADMIN_ADDR", &admin)
            .environment("LOG_FORMAT", "json");
        let program = settings.iter().fold(program, |program, (name, value)| program.environment(*name, *value));
        let process = program.log_to(&log).remove_afterwards(&log).spawn().unwrap();
        let [api, admin] = [api, admin].map(|address| HttpClient::new(&format!("http://{address}")));
        eventually("it is ready", async || (admin.get("/readyz").await.status == 200).then_some(())).await;
        Self { process, api, admin, nats, log }
    }

    /// The lines of its log so far.
    pub fn said(&self) -> Vec<Value> {
        let said = fs::read_to_string(&self.log).unwrap();
        said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Asks it to end, and returns what it has said.
    pub async fn stop_within(mut self, limit: Duration) -> Vec<Value> {
        let ended = self.process.stop(limit).await.unwrap();
        assert!(ended.is_success(), "{ended}: {:?}", self.said());
        self.said()
    }
}
