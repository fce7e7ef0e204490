use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use common::config::Secret;
use common::testing::eventually;
use common::timestamp::Timestamp;
use infra_local::servers::fetch::cache_dir;
use payments::provider::{Provider, ProviderError, Stripe};
use reqwest::Url;
use tokio::net::{TcpListener, TcpStream};

use super::attempt;

/// Stripe's own mock, which checks each request against the published description of the API and remembers nothing.
struct StripeMock {
    process: Child,
    url: Url,
}

impl Drop for StripeMock {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl StripeMock {
    /// `None` on a machine without it and without Go.
    async fn start() -> Option<Self> {
        let program = program()?;
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        drop(socket);
        let mut command = Command::new(program);
        command.args(["-http-addr", &address.to_string()]).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        eventually("it listens", async || TcpStream::connect(address).await.ok()).await;
        Some(Self { process, url: format!("http://{address}").parse().unwrap() })
    }
}

/// The one on PATH, else one that Go installs into the cache, once per user.
fn program() -> Option<PathBuf> {
    const MOCK: &str = "github.com/stripe/stripe-mock@v0.203.0";
    let path = std::env::var_os("PATH")?;
    let mut on_path = std::env::split_paths(&path).map(|folder| folder.join("stripe-mock"));
    if let Some(program) = on_path.find(|program| program.is_file()) {
        return Some(program);
    }
    let folder = cache_dir().unwrap().join(MOCK.rsplit('/').next().unwrap());
    let program = folder.join("stripe-mock");
    if !program.is_file() {
        let mut go = Command::new("go");
        let install = go.args(["install", MOCK]).env("GOBIN", &folder).env("GOFLAGS", "").env("CGO_ENABLED", "0");
        let output = install.stdin(Stdio::null()).output().ok()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    Some(program)
}

#[tokio::test]
async fn requests_and_answers_have_the_shapes_of_the_published_api() {
    let Some(mock) = StripeMock::start().await else {
        println!("not checked: the shapes of requests to Stripe, there is neither stripe-mock nor Go");
        return;
    };
    let secret: Secret = "sk_test_123".parse().unwrap();
    let stripe = Stripe::new(&secret, &mock.url, std::time::Duration::from_secs(5)).unwrap();
    let attempt = attempt();
    let intent = stripe.create(&attempt).await.unwrap().id;
    assert!(intent.starts_with("pi_"), "{intent}");
    stripe.confirm(&intent, "pm_card_visa").await.unwrap();
    stripe.look(&intent).await.unwrap();
    stripe.capture(&intent).await.unwrap();
    stripe.cancel(&intent).await.unwrap();
    for stripe_id in [intent.as_str(), "ch_3NvPXJ2eZvKYlo2C"] {
        stripe.refund(stripe_id).await.unwrap();
    }
    stripe.intents(Timestamp::now()).await.unwrap();
    // The published description has no cards in `payment_method_data`, because it is for those alone who may see card numbers. Stripe
    // takes a token there, for platforms that come from its older API.
    let answer = stripe.confirm(&intent, "tok_visa").await;
    let Err(ProviderError::Failed(cause)) = answer else { panic!("{answer:?}") };
    assert!(cause.contains("'payment_method_data'"), "{cause}");
}
