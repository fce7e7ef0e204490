//! `cargo xtask hosts`: the line of `/etc/hosts` that leads ticketing.dev to a cluster on this machine.

use std::fs;
use std::io::Write;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;

const FILE: &str = "/etc/hosts";
const HOST: &str = "ticketing.dev";

#[derive(Args)]
pub struct Hosts {
    /// Where the cluster's ingress answers.
    #[arg(long, default_value = "127.0.0.1")]
    address: std::net::IpAddr,
}

impl Hosts {
    pub fn run(self) -> Result<ExitCode> {
        let text = fs::read_to_string(FILE).with_context(|| format!("{FILE} cannot be read"))?;
        if let Some(line) = named(&text) {
            println!("{FILE} has it already: {line}");
            return Ok(ExitCode::SUCCESS);
        }
        let line = format!("{} {HOST}", self.address);
        append(&line)?;
        println!("{FILE} has a new line: {line}");
        Ok(ExitCode::SUCCESS)
    }
}

/// The line that names the host.
fn named(hosts: &str) -> Option<&str> {
    let names = |line: &str| {
        line.split('#').next().is_some_and(|line| line.split_whitespace().skip(1).any(|name| name == HOST))
    };
    hosts.lines().find(|line| names(line))
}

/// The file is the administrator's, so sudo writes it.
fn append(line: &str) -> Result<()> {
    let mut tee = Command::new("sudo")
        .args(["tee", "-a", FILE])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("`sudo` cannot be run; add the line `{line}` to {FILE} yourself"))?;
    if let Some(mut pipe) = tee.stdin.take() {
        writeln!(pipe, "\n{line}")?;
    }
    ensure!(tee.wait()?.success(), "the line `{line}` was not added to {FILE}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn only_a_line_that_names_the_host_and_is_no_comment_counts() {
        assert_eq!(
            named("127.0.0.1 localhost\n127.0.0.1\tother.dev ticketing.dev # ours\n"),
            Some("127.0.0.1\tother.dev ticketing.dev # ours")
        );
        for text in [
            "",
            "127.0.0.1 localhost",
            "# 127.0.0.1 ticketing.dev",
            "127.0.0.1 nticketing.dev",
            "ticketing.dev 127.0.0.1",
        ] {
            assert_eq!(named(text), None, "{text}");
        }
    }
}
