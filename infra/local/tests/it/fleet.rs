//! The fleet with programs that stand in for the services: real servers, real processes, and a supervisor.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use infra_local::fleet::{Options, Output, Programs, SERVICES};
use infra_local::process::Signal;
use infra_local::{Fleet, Home};

use crate::http;

/// Six scripts that say where their admin port is and then do nothing, and one (`payments`) that gives up.
fn programs(folder: &Path) -> Programs {
    for service in SERVICES {
        let then = if service == "payments" { "exit 64" } else { "exec sleep 1000" };
        let file = folder.join(service);
        fs::write(&file, format!("#!/bin/sh\necho \"key $JWT_KEY at $ADMIN_ADDR with $MONGO_URI\"\n{then}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    Programs::Folder(folder.to_owned())
}

#[tokio::test]
async fn services_that_die_are_named_and_started_again_and_all_ends_with_stop() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut options = Options::temporary(Output::file(&log).unwrap()).with_all("JWT_KEY", "theirs");
    options.programs = programs(folder.path());
    options.home = Home::Kept(folder.path().join("state"));
    let fleet = Fleet::start(options.clone()).await.unwrap();

    let second = Fleet::start(options).await.unwrap_err().to_string();
    assert!(second.starts_with("the platform is already running with the data in "), "{second}");

    fleet.kill("orders").await.unwrap();
    assert_eq!(fleet.deaths("orders"), 1);
    fleet.kill("orders").await.unwrap();
    assert_eq!(fleet.deaths("orders"), 2);
    assert_eq!(fleet.deaths("auth"), 0);

    let unready = fleet.wait_ready(Duration::from_millis(100)).await.unwrap_err().to_string();
    assert!(unready.contains("auth") && unready.contains("last: exit status 64"), "{unready}");
    let away = http::client().unwrap().get(format!("{}/api/orders", fleet.url())).send().await.unwrap();
    assert_eq!(away.status(), 503);

    let edge = fleet.url();
    fleet.stop().await.unwrap();
    assert!(http::client().unwrap().get(edge).send().await.is_err());
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("orders     | died: killed (SIGKILL); starting it again"), "{log}");
    assert!(log.contains("orders     | key theirs at 127.0.0.1:"), "{log}");
    assert!(log.contains("/payments?directConnection=true"), "{log}");
}

#[tokio::test]
async fn a_service_that_was_taken_away_is_started_when_it_is_brought_back_with_a_variable_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let options = Options::temporary(Output::file(&log).unwrap()).with_all("JWT_KEY", "all");
    let mut options = options.with("orders", "JWT_KEY", "own");
    options.programs = programs(folder.path());
    let fleet = Fleet::start(options).await.unwrap();
    fleet.take_away("orders").await.unwrap();
    fleet.take_away("auth").await.unwrap();
    // One that dies afterwards is started again, for it can be killed twice: by then the others would be running too.
    for _ in 0..2 {
        fleet.kill("tickets").await.unwrap();
    }
    assert_eq!((fleet.pid("orders"), fleet.deaths("orders")), (None, 1));

    fleet.bring_back("orders").unwrap();
    fleet.kill("orders").await.unwrap();
    assert_eq!(fleet.deaths("orders"), 2);
    fleet.stop().await.unwrap();
    let log = fs::read_to_string(log).unwrap();
    assert!(log.contains("orders     | key own at ") && log.contains("tickets    | key all at "), "{log}");
    assert_eq!(log.matches("auth       | key all at ").count(), 1, "{log}");
}

#[tokio::test]
async fn a_service_is_frozen_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = Options::temporary(Output::file(&folder.path().join("log")).unwrap());
    options.programs = programs(folder.path());
    let fleet = Fleet::start(options).await.unwrap();
    fleet.kill("orders").await.unwrap();
    let is_stopped = async |wanted: bool| {
        for _ in 0..500 {
            let status = fleet.pid("orders").map(|pid| fs::read_to_string(format!("/proc/{pid}/status")).unwrap());
            if status.is_some_and(|status| status.contains("State:\tT") == wanted) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        false
    };
    assert!(is_stopped(false).await);
    fleet.signal("orders", Signal::STOP).unwrap();
    assert!(is_stopped(true).await, "it is frozen");
    fleet.signal("orders", Signal::CONT).unwrap();
    assert!(is_stopped(false).await, "it goes on");
    fleet.stop().await.unwrap();
}
