//! A service whose clock is wrong. The databases' clocks are right: they decide.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use common::testing::eventually_within;
use common::timestamp::Timestamp;
use e2e::invariants::EventLog;
use infra_local::servers::fetch::cache_dir;
use tokio::time::sleep;

use super::market::Market;
use crate::platform::Platform;

const WINDOW: &str = "7";
/// How long libfaketime trusts what it has read.
const CLOCK_IS_READ_EVERY: Duration = Duration::from_secs(1);
/// By how much a clock is wrong, and how long it may then take until an order has ended.
const SKEW: Duration = Duration::from_secs(5);
const ENDED_WITHIN: Duration = Duration::from_secs(4);
const SETTLED_WITHIN: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_clock_that_is_5_s_ahead_cancels_nothing_early_and_makes_no_dead_letter() {
    run_with_wrong_clocks("+5s").await;
}

#[tokio::test]
async fn a_clock_that_is_5_s_behind_cancels_nothing_early_and_makes_no_dead_letter() {
    run_with_wrong_clocks("-5s").await;
}

/// One service after another has a wrong clock.
async fn run_with_wrong_clocks(skew: &str) {
    let library = libfaketime().expect("libfaketime, of the system or by apt-get");
    let clocks = tempfile::tempdir().unwrap();
    let services = ["auth", "tickets", "orders", "payments", "expiration"];
    let clock = |service: &str| clocks.path().join(service);
    services.iter().for_each(|service| fs::write(clock(service), "+0s").unwrap());
    let platform = Platform::begin(|options| {
        services.iter().fold(options.with_all("EXPIRATION_WINDOW_SECONDS", WINDOW), |options, service| {
            let options = options.with(service, "LD_PRELOAD", &library.to_string_lossy());
            let options = options.with(service, "FAKETIME_TIMESTAMP_FILE", &clock(service).to_string_lossy());
            let options = options.with(service, "FAKETIME_DONT_FAKE_MONOTONIC", "1");
            options.with(service, "FAKETIME_CACHE_DURATION", "1")
        })
    })
    .await
    .ready()
    .await;
    for service in services {
        fs::write(clock(service), skew).unwrap();
        sleep(CLOCK_IS_READ_EVERY + Duration::from_millis(200)).await;
        let market = Market::open(&platform).await;
        let [paid, unpaid] = market.orders().await;
        market.pay(&paid).await;
        market.becomes(&paid, "complete").await;
        let left = unpaid.expires_at.after(SKEW + ENDED_WITHIN).remaining(Timestamp::now());
        let what = format!("an order ends soon after its deadline with {service} at {skew}");
        eventually_within(left, &what, async || (market.status(&unpaid).await != "created").then_some(())).await;
        assert!(Timestamp::now() >= unpaid.expires_at, "{service} at {skew}: an order ended before its deadline");
        market.ended(&platform, EventLog::default, SETTLED_WITHIN).await;
        fs::write(clock(service), "+0s").unwrap();
    }
    platform.stop().await;
}

/// The library that gives a program another clock: the system's, else one that apt downloads into the cache, once per user.
fn libfaketime() -> Result<PathBuf> {
    const LIBRARY: &str = "usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    let system = PathBuf::from("/").join(LIBRARY);
    let cache = cache_dir()?;
    let folder = cache.join("libfaketime");
    let library = folder.join(LIBRARY);
    if system.exists() {
        return Ok(system);
    }
    fs::create_dir_all(&cache)?;
    let lock = File::create(folder.with_added_extension("lock"))?;
    lock.lock()?;
    if !library.exists() {
        let unpacked = tempfile::Builder::new().prefix(".install-").tempdir_in(&cache)?;
        // A machine that was never updated knows no packages.
        let download = "apt-get download --quiet libfaketime || { apt-get update --quiet && apt-get download --quiet libfaketime; }";
        for command in [download, "dpkg-deb --extract libfaketime_*.deb ."] {
            let shell = Command::new("sh").args(["-c", command]).current_dir(&unpacked).stdin(Stdio::null()).output();
            let output = shell.with_context(|| format!("`{command}` cannot be run"))?;
            ensure!(output.status.success(), "`{command}`: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        // A rename is atomic: a folder of that name is always a whole one.
        fs::rename(unpacked.keep(), &folder)?;
    }
    Ok(library)
}
