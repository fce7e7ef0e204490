//! `ops reach`: whether a TCP connection can be made.

use std::io;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Args;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::patience::{Attempt, Patience};

/// How long one attempt may take: a packet that a firewall drops is never answered.
const CONNECT: Duration = Duration::from_secs(3);

/// Whether a TCP connection can be made.
#[derive(Args, Debug)]
pub struct Reach {
    /// The address: a name or an IP address, and a port.
    #[arg(value_name = "HOST:PORT", value_parser = host_and_port)]
    address: String,
    /// How long it is tried, in seconds.
    #[arg(long, default_value = "3", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    within: u64,
}

fn host_and_port(text: &str) -> Result<String, &'static str> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(text.to_owned()),
        _ => Err("it is not of the form HOST:PORT"),
    }
}

impl Reach {
    /// Tries until it succeeds or the time is over.
    ///
    /// # Errors
    /// Why no connection could be made.
    pub async fn run(self) -> Result<()> {
        let patience = Patience::of(Duration::from_secs(self.within));
        patience
            .keep_trying(&self.address, async || match connect(&self.address).await {
                Ok(()) => Ok(Attempt::Done(())),
                Err(error) => Ok(Attempt::NotYet(anyhow!(error))),
            })
            .await?;
        println!("{} can be reached", self.address);
        Ok(())
    }
}

/// Makes a connection and closes it.
///
/// # Errors
/// What the operating system says, or that nothing was heard for three seconds.
pub async fn connect(address: &str) -> io::Result<()> {
    timeout(CONNECT, TcpStream::connect(address)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?.map(drop)
}
