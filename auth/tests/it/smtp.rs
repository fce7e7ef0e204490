//! A real SMTP server, aiosmtpd, which pip installs once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::testing::eventually;
use infra_local::ports;
use infra_local::process::{Process, Program, Signal};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

const PACKAGE: &str = "aiosmtpd==1.4.6";

/// Where pip has installed the server.
async fn packages() -> &'static Path {
    static FOLDER: OnceCell<PathBuf> = OnceCell::const_new();
    FOLDER.get_or_init(async || spawn_blocking(install).await.unwrap()).await
}

fn install() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE);
    if !folder.exists() {
        let unpacked = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile", "--target"]);
        let installed = pip.arg(unpacked.path()).arg(PACKAGE).output().unwrap();
        assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));
        // A rename is atomic: a folder of that name is always a whole one.
        let _ = fs::rename(unpacked.path(), &folder);
    }
    folder
}

/// A server of the test's own, to be killed, and the mails that it has taken.
pub struct SmtpServer {
    port: u16,
    program: Program,
    process: Option<Process>,
    folder: TempDir,
}

/// A mail as it has arrived.
#[derive(Clone, Debug)]
pub struct Received {
    raw: String,
}

impl SmtpServer {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// With a certificate and its key: nothing is taken without STARTTLS.
    pub async fn start_with(certificate: &[&Path]) -> Self {
        let (port, folder) = (ports::free().unwrap(), tempfile::tempdir().unwrap());
        let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/smtp/server.py");
        let program = Program::new("aiosmtpd", "python3")
            .environment("PYTHONPATH", packages().await.to_string_lossy())
            .arguments([server.as_os_str(), port.to_string().as_ref(), folder.path().join("mails").as_os_str()])
            .arguments(certificate)
            .log_to(folder.path().join("log"));
        let mut server = Self { port, program, process: None, folder };
        server.restart().await;
        server
    }

    /// The value of `SMTP_URL`.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub async fn kill(&mut self) {
        self.process.take().unwrap().kill().await.unwrap();
    }

    pub async fn restart(&mut self) {
        self.process = Some(self.program.spawn().unwrap());
        let log = self.folder.path().join("log");
        let what = format!("the SMTP server listens, see {}", log.display());
        eventually(&what, async || TcpStream::connect(("127.0.0.1", self.port)).await.ok()).await;
    }

    /// It takes connections and says nothing.
    pub fn freeze(&self) {
        self.process.as_ref().unwrap().signal(Signal::STOP);
    }

    /// What has arrived so far.
    pub fn received(&self) -> Vec<Received> {
        let Ok(entries) = fs::read_dir(self.folder.path().join("mails/new")) else { return Vec::new() };
        entries.map(|entry| Received { raw: fs::read_to_string(entry.unwrap().path()).unwrap() }).collect()
    }

    /// What has arrived for this address.
    pub fn received_by(&self, to: &str) -> Vec<Received> {
        self.received().into_iter().filter(|mail| mail.header("To") == to).collect()
    }

    /// The first mail for this address whose subject begins like this.
    pub async fn wait_for(&self, to: &str, subject: &str) -> Received {
        let find = || self.received_by(to).into_iter().find(|mail| mail.header("Subject").starts_with(subject));
        eventually(&format!("{to} gets {subject:?}"), async || find()).await
    }
}

impl Received {
    /// The values of all headers of this name, without the folding.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let (head, _) = self.raw.split_once("\n\n").unwrap();
        let head = head.replace("\n ", " ");
        let fields = head.lines().filter_map(|line| line.split_once(": "));
        fields.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).collect()
    }

    /// The only header of this name, empty when there is none.
    pub fn header(&self, name: &str) -> String {
        let mut headers = self.headers(name);
        assert!(headers.len() < 2, "{name} stands there twice: {}", self.raw);
        headers.pop().unwrap_or_default()
    }

    /// The text.
    pub fn text(&self) -> String {
        let (_, text) = self.raw.split_once("\n\n").unwrap();
        match self.header("Content-Transfer-Encoding").as_str() {
            "7bit" => text.to_owned(),
            "quoted-printable" => {
                let decoded = quoted_printable::decode(text, quoted_printable::ParseMode::Robust).unwrap();
                String::from_utf8(decoded).unwrap().replace("\r\n", "\n")
            }
            other => panic!("{other}: {text}"),
        }
    }

    /// The token of its link.
    pub fn token(&self) -> String {
        token_of(&self.text())
    }
}

/// The token of the link in a text.
pub fn token_of(text: &str) -> String {
    text.split_once("?token=").unwrap().1.split_whitespace().next().unwrap().to_owned()
}
