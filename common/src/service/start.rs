//! From the environment to a running service, and the exit code in the end.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use clap::error::ErrorKind;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Service, Sockets, socket};
use crate::config::ProcessConfig;
use crate::error::StartError;
use crate::telemetry;

/// A service's configuration: one clap struct, and the settings that every process has.
pub trait Configuration: Parser {
    /// Addresses and logging.
    fn process(&self) -> &ProcessConfig;
}

/// The exit code of a command that was used wrongly (EX_USAGE of sysexits.h).
const USAGE: u8 = 64;

/// Runs a service: reads and checks its whole configuration, builds it, binds, and serves until SIGTERM or Ctrl-C.
///
/// Exits with 0 after an orderly end, 64 when a setting is missing or malformed, 1 for everything else.
pub fn run<C: Configuration>(
    name: &'static str,
    build: impl AsyncFnOnce(C) -> Result<Service, StartError>,
) -> ExitCode {
    command(name, std::env::args_os(), async |config: C| {
        let process = config.process().clone();
        start(name, config, &process, build).await
    })
}

/// Runs a subcommand of a service, which does its work and ends: reads and checks its whole configuration first, as [`run`] does.
/// `arguments` begin with the subcommand's own name.
pub fn command<C: Configuration>(
    name: &'static str,
    arguments: impl IntoIterator<Item = OsString>,
    work: impl AsyncFnOnce(C) -> Result<ExitCode, StartError>,
) -> ExitCode {
    let config = match C::try_parse_from(arguments) {
        Ok(config) => config,
        Err(error) => {
            let _ = error.print();
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if asked { ExitCode::SUCCESS } else { ExitCode::from(USAGE) };
        }
    };
    let process = config.process();
    let started = telemetry::start_logging(process).and_then(|()| telemetry::start_traces(name, &process.traces));
    if let Err(error) = started {
        return failed(name, &error);
    }
    telemetry::metrics();
    socket::allow_many();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(name, &StartError::Unavailable(format!("no runtime: {error}"))),
    };
    let code = runtime.block_on(async {
        match work(config).await {
            Ok(code) => code,
            Err(error) => failed(name, &error),
        }
    });
    telemetry::end_traces();
    // A lookup or a hash that is still running must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    code
}

async fn start<C: Configuration>(
    name: &'static str,
    config: C,
    process: &ProcessConfig,
    build: impl AsyncFnOnce(C) -> Result<Service, StartError>,
) -> Result<ExitCode, StartError> {
    let stop = stop_on_signal()?;
    let Some(service) = stop.run_until_cancelled(build(config)).await else {
        tracing::info!(service = name, "stopped during the start, before serving");
        return Ok(ExitCode::SUCCESS);
    };
    let service = service?;
    let sockets = Sockets {
        public: bind("LISTEN_ADDR", process.listen_addr).await?,
        admin: bind("ADMIN_ADDR", process.admin_addr).await?,
    };
    tracing::info!(service = name, api = %process.listen_addr, admin = %process.admin_addr, "serving");
    match service.serve(sockets, stop, Duration::from_secs(process.drain_seconds)).await {
        Ok(()) => {
            tracing::info!(service = name, "stopped");
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            tracing::error!(service = name, %error, "stopped with a failure");
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn bind(variable: &'static str, address: std::net::SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| StartError::Unavailable(format!("cannot listen on {address} ({variable}): {error}")))
}

fn stop_on_signal() -> Result<CancellationToken, StartError> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signal = signal(kind).map_err(|error| StartError::Unavailable(format!("no signals: {error}")))?;
        let stop = stop.clone();
        tokio::spawn(async move {
            signal.recv().await;
            stop.cancel();
        });
    }
    Ok(stop)
}

fn failed(name: &str, error: &StartError) -> ExitCode {
    eprintln!("{name}: {error}");
    match error {
        StartError::Configuration { .. } => ExitCode::from(USAGE),
        StartError::Unavailable(_) => ExitCode::FAILURE,
    }
}
