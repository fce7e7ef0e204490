use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Child;
use tokio::time::timeout;

use super::command;

const READY_LIMIT: Duration = Duration::from_secs(15);

/// A port of this machine that leads into a pod, as long as this value lives.
pub struct Forward {
    port: u16,
    _child: Child,
}

impl Forward {
    /// Opens a way to a port of a pod.
    pub async fn to(pod: &str, port: u16) -> Result<Self> {
        let mut command = command(&["port-forward", "--address=127.0.0.1", &format!("pod/{pod}"), &format!(":{port}")]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.context("`kubectl` cannot be run: is it installed?")?;
        let mut output = BufReader::new(child.stdout.take().context("no output")?);
        let mut complaints = child.stderr.take().context("no errors")?;
        let mut line = String::new();
        let read = timeout(READY_LIMIT, output.read_line(&mut line)).await;
        read.with_context(|| format!("port {port} of {pod} is not forwarded"))??;
        let Some(port) = local_port(&line) else {
            child.start_kill().ok();
            let mut reason = String::new();
            complaints.read_to_string(&mut reason).await?;
            bail!("port {port} of {pod} is not forwarded: {}", reason.trim());
        };
        // kubectl tells of every connection; somebody must listen, or it waits.
        tokio::spawn(async move { tokio::io::copy(&mut output, &mut tokio::io::sink()).await });
        tokio::spawn(async move { tokio::io::copy(&mut complaints, &mut tokio::io::sink()).await });
        Ok(Self { port, _child: child })
    }

    /// The address on this machine.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// `Forwarding from 127.0.0.1:41025 -> 27017`
fn local_port(line: &str) -> Option<u16> {
    let from = line.strip_prefix("Forwarding from ")?.split_whitespace().next()?;
    from.rsplit_once(':')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::local_port;

    #[test]
    fn the_local_port_is_read_from_what_kubectl_says() {
        assert_eq!(local_port("Forwarding from 127.0.0.1:41025 -> 27017\n"), Some(41025));
        assert_eq!(local_port("error: unable to forward port\n"), None);
    }
}
