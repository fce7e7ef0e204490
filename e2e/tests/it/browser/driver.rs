//! chromedriver, which starts a Chromium for every window.

use std::io::Write;
use std::process::{Command, Stdio};

use common::testing::{HttpClient, eventually};
use infra_local::ports;
use infra_local::process::{Process, Program};
use tokio::sync::OnceCell;

/// As which Chromium may be on `PATH`. chromedriver knows more places, but not whether there is one.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The address of this process's chromedriver, or `None` and a line that says what is not checked.
pub async fn chromedriver() -> Option<String> {
    static RUNNING: OnceCell<Option<(Process, String)>> = OnceCell::const_new();
    let start = async || {
        if !on_path("chromedriver") || !BROWSERS.into_iter().any(on_path) {
            skip("the pages in a browser", "Chromium and chromedriver are not on PATH");
            return None;
        }
        let port = ports::free().unwrap();
        let program = Program::new("chromedriver", "chromedriver").arguments([format!("--port={port}")]);
        let process = program.log_to("/dev/null").spawn().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let site = HttpClient::new(&url);
        eventually("chromedriver is ready", async || (site.get("/status").await.status == 200).then_some(())).await;
        Some((process, url))
    };
    RUNNING.get_or_init(start).await.as_ref().map(|(_, url)| url.clone())
}

fn on_path(name: &str) -> bool {
    Command::new(name).arg("--version").stdin(Stdio::null()).output().is_ok()
}

/// Says what was not checked. Written past the test harness, which would not show it.
pub fn skip(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "not checked: {what}: {why}");
}
