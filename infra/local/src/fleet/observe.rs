//! Grafana with the dashboard, the alerts and the traces of a fleet, in the one container that everybody uses for this.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use serde_norway::Value;

use super::{Options, Ports, SERVICES};
use crate::process::{Process, Program};

const IMAGE: &str = "docker.io/grafana/otel-lgtm:0.31.0";
const RULES: &str = include_str!("../../../k8s/components/metrics/rules.yaml");

/// Runs the container for the fleet that is started next. However this process ends, the container ends and is removed.
pub async fn start(options: &mut Options) -> Result<Process> {
    let runs = |engine: &&str| Command::new(engine).arg("ps").output().is_ok_and(|output| output.status.success());
    let engine = ["docker", "podman"].into_iter().find(runs);
    let engine = engine.context("--observe needs a container engine, and neither docker nor podman runs here")?;
    let ports = Ports::new(options.port)?;
    let [_, collector] = ports.observer();
    let folder = tempfile::Builder::new().prefix("ticketing-").tempdir()?;
    write_settings(folder.path(), ports)?;
    let mut run = tokio::process::Command::new(engine);
    let run = run.args(arguments(folder.path(), ports)).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let output = run.wait_with_output().await?;
    ensure!(output.status.success(), "{engine} cannot run {IMAGE} (see above)");

    options.port = Some(ports.edge);
    let traces = format!("http://127.0.0.1:{collector}");
    options.variables.push((None, "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(), traces));
    // At an address that the container reaches.
    let admin = |name| (Some(name), "ADMIN_ADDR".to_owned(), format!("0.0.0.0:{}", ports.admin(name)));
    options.variables.extend(SERVICES.map(admin));

    // A client that passes its signals on to the container.
    let container = str::from_utf8(&output.stdout)?.trim();
    let client = Program::new("Grafana", engine).arguments(["attach", "--no-stdin", container]);
    client.log_to("/dev/null").remove_afterwards(folder.keep()).spawn()
}

/// What the engine is called with. `label=disable`, or SELinux keeps the files from the container; `--init`, so that signals end it.
pub fn arguments(generated: &Path, ports: Ports) -> Vec<String> {
    let [grafana, collector] = ports.observer();
    let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mount = |from: &Path, to| format!("--volume={}:/otel-lgtm/{to}:ro", from.display());
    let fixed = "run --detach --rm --init --security-opt=label=disable --add-host=host.docker.internal:host-gateway";
    let own = [
        format!("--publish=127.0.0.1:{grafana}:3000"),
        format!("--publish=127.0.0.1:{collector}:4318"),
        mount(&infra.join("local/observe/prometheus.yaml"), "prometheus.yaml"),
        mount(&infra.join("local/observe/dashboards.yaml"), "grafana/conf/provisioning/dashboards/ticketing.yaml"),
        mount(&infra.join("k8s/components/metrics"), "ticketing"),
        mount(generated, "generated"),
        IMAGE.to_owned(),
    ];
    fixed.split(' ').map(str::to_owned).chain(own).collect()
}

/// Writes whom Prometheus asks, with the labels that they have on a cluster, and its rules.
pub fn write_settings(folder: &Path, ports: Ports) -> Result<()> {
    let target = |name| format!("host.docker.internal:{}", ports.admin(name));
    let labels = |name| json!({"job": name, "namespace": "ticketing", "pod": name});
    let targets = SERVICES.map(|name| json!({"targets": [target(name)], "labels": labels(name)}));
    fs::write(folder.join("targets.json"), json!(targets).to_string())?;
    let rules: Value = serde_norway::from_str(RULES)?;
    fs::write(folder.join("rules.yaml"), serde_norway::to_string(&rules["spec"])?)?;
    Ok(())
}
