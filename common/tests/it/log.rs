use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use common::testing::eventually;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;

/// What is logged from now on by this test: it runs on a thread of its own, and so does all that it spawns.
pub struct Log {
    lines: Lines,
    _begun: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub fn begin() -> Self {
        let lines = Lines::default();
        let writer = lines.clone();
        let logged = tracing_subscriber::fmt().with_env_filter(EnvFilter::new("info")).with_ansi(false);
        let subscriber = logged.with_writer(move || writer.clone()).finish();
        Self { lines, _begun: tracing::subscriber::set_default(subscriber) }
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.lines.0.lock().unwrap().clone()).unwrap()
    }

    /// Waits until this was logged.
    pub async fn says(&self, text: &str) {
        eventually(&format!("the log says: {text}"), async || self.text().contains(text).then_some(())).await;
    }
}
