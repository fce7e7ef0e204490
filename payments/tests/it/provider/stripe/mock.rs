use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use common::config::Secret;
use common::testing::eventually;
use common::timestamp::Timestamp;
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
    /// `None` when it is not installed (`go install github.com/stripe/stripe-mock@latest`).
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

fn program() -> Option<PathBuf> {
    let on_path = std::env::split_paths(&std::env::var_os("PATH")?).collect::<Vec<_>>();
    let by_go = std::env::var_os("HOME").map(|home| PathBuf::from(home).join("go/bin"));
    on_path.into_iter().chain(by_go).map(|folder| folder.join("stripe-mock")).find(|program| program.is_file())
}

#[tokio::test]
async fn requests_and_answers_have_the_shapes_of_the_published_api() {
    let Some(mock) = StripeMock::start().await else {
        println!("not checked: the shapes of requests to Stripe, stripe-mock is not installed");
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
