//! The `kubectl` program on the current context. Every call has a limit, and what kubectl complains of is the error.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// Where everything lives.
pub const NAMESPACE: &str = "ticketing";

/// How long a call may take, also one that waits for something.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// How long a port may take to be forwarded.
const FORWARDED_WITHIN: Duration = Duration::from_secs(15);

const NOT_INSTALLED: &str = "`kubectl` cannot be run: is it installed?";

/// kubectl on the platform's namespace. It ends with the future that waits for it.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new("kubectl");
    command.arg("--namespace").arg(NAMESPACE).args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs kubectl and returns what it printed.
pub async fn run(arguments: &[&str]) -> Result<String> {
    feed(arguments, "").await
}

/// Likewise with an input, which no list of processes shows.
pub async fn feed(arguments: &[&str], input: &str) -> Result<String> {
    let called = format!("kubectl {}", arguments.join(" "));
    let ended = async {
        let mut command = command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(input.as_bytes()).await?;
        }
        child.wait_with_output().await
    };
    let output = timeout(LIMIT, ended).await.with_context(|| format!("{called} has not ended in time"))?;
    let output = output.context(NOT_INSTALLED)?;
    ensure!(output.status.success(), "{called}: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs kubectl for people to watch, however long it takes. When it fails, it has said why.
pub async fn show(arguments: &[&str]) -> Result<()> {
    let status = command(arguments).status().await.context(NOT_INSTALLED)?;
    ensure!(status.success(), "kubectl {} failed", arguments.join(" "));
    Ok(())
}

/// An object of the namespace, `get(&["service", "auth-srv"])`; null if it is not there.
pub async fn get(arguments: &[&str]) -> Result<Value> {
    let text = run(&[&["get", "--ignore-not-found", "--output=json"], arguments].concat()).await?;
    if text.trim().is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&text)?) }
}

/// Several objects of the namespace, `list(&["pods", "--selector=app=auth"])`.
pub async fn list(arguments: &[&str]) -> Result<Vec<Value>> {
    let mut list: Value = serde_json::from_str(&run(&[&["get", "--output=json"], arguments].concat()).await?)?;
    Ok(list["items"].as_array_mut().map(std::mem::take).unwrap_or_default())
}

/// The value of a key in a Secret.
pub async fn secret(name: &str, key: &str) -> Result<String> {
    let value = text(&get(&["secret", name]).await?, &format!("/data/{key}"));
    ensure!(!value.is_empty(), "there is no Secret {name} with the key {key}");
    Ok(String::from_utf8(STANDARD.decode(value)?)?)
}

/// A text in a JSON object, empty if it is not there.
pub fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Whether an object's condition of this type is `True`.
pub fn is(object: &Value, condition: &str) -> bool {
    let conditions = object["status"]["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
    conditions.iter().any(|it| it["type"] == condition && it["status"] == "True")
}

/// A port of this machine that leads into a pod, as long as this value and the pod live.
pub struct Forward {
    /// The address on this machine.
    pub address: String,
    _child: Child,
}

impl Forward {
    /// Opens a way to a port of a pod.
    pub async fn to(pod: &str, port: u16) -> Result<Self> {
        // Free at this moment; kubectl would choose one itself, and say which in words only.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let (pod, ports) = (format!("pod/{pod}"), format!("{}:{port}", address.port()));
        let mut command = command(&["port-forward", "--address=127.0.0.1", &pod, &ports]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context(NOT_INSTALLED)?;
        let deadline = Instant::now() + FORWARDED_WITHIN;
        while TcpStream::connect(address).await.is_err() {
            if child.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("port {port} of {pod} cannot be forwarded");
            }
            sleep(Duration::from_millis(50)).await;
        }
        Ok(Self { address: address.to_string(), _child: child })
    }
}
