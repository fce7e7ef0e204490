//! The broker's configuration as the pods of an overlay have it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use checks::environment::{Environment, environment};
use checks::{Container, Overlay, overlays};
use infra_local::process::Program;
use infra_local::servers::locate::locate;
use infra_local::servers::nats::RECIPE;
use tokio::time::timeout;

/// A folder with what a pod has in `/etc/nats`, and its variables.
pub struct Configuration {
    folder: PathBuf,
    /// The variables; a test may change them before the program starts.
    pub environment: Environment,
}

impl Configuration {
    pub fn write(overlay: &Overlay) -> Self {
        let folder = tempfile::Builder::new().prefix("ticketing-nats-").tempdir().unwrap().keep();
        let container = overlay.workload("nats").containers()[0];
        assert_eq!(container.list("/args"), ["--config", "/etc/nats/nats.conf"]);
        write_config_map(overlay, &container, "/etc/nats", &folder);
        let configuration = Self { folder, environment: environment(&container) };
        let data = configuration.folder.join("data").display().to_string();
        configuration.replace("nats.conf", "store_dir: /data", &format!("store_dir: {data}"));
        configuration
    }

    /// Replaces what no flag can: nats-server refuses a setting that is given twice.
    pub fn replace(&self, file: &str, old: &str, new: &str) {
        let file = self.folder.join(file);
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old}");
        fs::write(&file, text.replace(old, new)).unwrap();
    }

    /// nats-server with this configuration and these arguments. The folder goes when we do.
    pub async fn program(&self, arguments: &[&str]) -> Program {
        let config = self.folder.join("nats.conf").display().to_string();
        let arguments = ["--config", &config].into_iter().chain(arguments.iter().copied());
        let program = Program::new(RECIPE.name, locate(&RECIPE).await.unwrap()).arguments(arguments);
        let program =
            program.remove_afterwards(&self.folder).log_to(self.folder.join("log")).grace_period(Duration::ZERO);
        self.environment.iter().fold(program, |program, (name, value)| program.environment(name, value))
    }
}

/// Writes the files of the ConfigMap that the container has mounted there.
pub fn write_config_map(overlay: &Overlay, container: &Container, mounted: &str, folder: &Path) {
    let mount = container.list("/volumeMounts").iter().find(|mount| mount["mountPath"] == mounted).unwrap();
    let volumes = container.workload.pod("/volumes").as_array().unwrap();
    let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]).unwrap();
    let map = overlay.of_kind("ConfigMap").find(|map| map.name() == volume["configMap"]["name"]).unwrap();
    for (file, text) in map.at("/data").as_object().unwrap() {
        fs::write(folder.join(file), text.as_str().unwrap()).unwrap();
    }
}

#[tokio::test]
async fn the_broker_takes_its_configuration_on_every_overlay() {
    for overlay in overlays() {
        let configuration = Configuration::write(overlay);
        // A variable that the configuration names and the pod has not would be an error here.
        let mut check = configuration.program(&["-t"]).await.spawn().unwrap();
        let ended = timeout(Duration::from_secs(30), check.wait()).await.unwrap().unwrap();
        let log = fs::read_to_string(configuration.folder.join("log")).unwrap_or_default();
        assert!(ended.is_success(), "{}: {log}", overlay.name);
        fs::remove_dir_all(&configuration.folder).unwrap();
    }
}
