//! wrk sends the requests: of the known tools it takes the least CPU time from what is measured.

use std::collections::HashMap;
use std::process::Stdio;

use tokio::process::Command;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/figures/wrk.lua");

/// What is sent.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    url: String,
    connections: u32,
    cookie: Option<String>,
    environment: Vec<(&'static str, String)>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answered(HashMap<String, f64>);

impl Sent {
    /// GET, over 32 connections.
    pub fn get(url: String) -> Self {
        Self { url, connections: 32, ..Self::default() }
    }

    /// POST of the same body again and again.
    pub fn post(url: String, body: &str) -> Self {
        Self { environment: vec![("BODY", body.to_owned())], ..Self::get(url) }
    }

    /// POST of bodies that differ, each with its session, from a file; each once, or all of them again and again.
    pub fn posts(url: String, name: &str, requests: impl Iterator<Item = (String, String)>, is_cycle: bool) -> Self {
        let lines: String = requests.map(|(cookie, body)| format!("{cookie}\t{body}\n")).collect();
        let file = std::env::temp_dir().join(format!("ticketing-{name}.requests"));
        std::fs::write(&file, lines).expect("the temporary folder can be written to");
        let mut environment = vec![("REQUESTS", file.display().to_string())];
        environment.extend(is_cycle.then(|| ("CYCLE", "1".to_owned())));
        Self { environment, ..Self::get(url) }
    }

    /// With this session.
    pub fn cookie(self, cookie: &str) -> Self {
        Self { cookie: Some(format!("cookie: {cookie}")), ..self }
    }

    /// Over so many connections.
    pub fn connections(self, connections: u32) -> Self {
        Self { connections, ..self }
    }

    /// Sends for so long, or until everything was sent once.
    pub async fn run(&self, seconds: u32) -> Answered {
        let mut wrk = Command::new("wrk");
        wrk.args(["-t1", "--timeout=10s", "-s", SCRIPT]);
        wrk.args([format!("-c{}", self.connections), format!("-d{}s", seconds.max(1))]);
        wrk.args(self.cookie.iter().flat_map(|cookie| ["-H", cookie.as_str()]));
        wrk.arg(&self.url).envs(self.environment.iter().cloned()).stdin(Stdio::null()).kill_on_drop(true);
        let output = wrk.output().await.expect("wrk has to be on the PATH: apt-get install wrk, or brew install wrk");
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let line = text.lines().find_map(|line| line.strip_prefix("figures ")).unwrap_or_else(|| panic!("wrk: {text}"));
        let figures = line.split_whitespace().filter_map(|figure| figure.split_once('='));
        Answered(figures.map(|(name, value)| (name.to_owned(), value.parse().unwrap_or(0.0))).collect())
    }
}

impl Answered {
    /// A count: `requests`, and of them `created`, `refused`, `limited` (429), `failed` (5xx); `lost` are those without an answer.
    pub fn count(&self, name: &str) -> u64 {
        self.0[name] as u64
    }

    /// A time in milliseconds: `p50`, `p99`, `max`.
    pub fn millis(&self, name: &str) -> f64 {
        self.0[name] / 1000.0
    }

    /// How long it took.
    pub fn seconds(&self) -> f64 {
        self.0["micros"] / 1e6
    }

    /// Answers per second.
    pub fn rate(&self) -> f64 {
        self.0["requests"] / self.seconds()
    }
}
