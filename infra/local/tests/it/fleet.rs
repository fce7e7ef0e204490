//! The fleet with programs that stand in for the services: real servers, real processes, and a supervisor.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use infra_local::fleet::{Options, Output, Programs, SERVICES};
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
