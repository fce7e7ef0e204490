//! `cargo xtask cluster apply`: `kubectl apply -k`, and the things around it that people forget.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use serde::Deserialize;
use serde_json::Value;

use super::stream_move::StreamMove;
use super::{NAMESPACE, kubectl};

#[derive(Args)]
pub struct Apply {
    /// The overlay: a folder of infra/k8s/overlays, or a path of your own.
    #[arg(default_value = "dev")]
    overlay: String,
    /// How long everything may take to be ready, in seconds.
    #[arg(long, default_value_t = 600)]
    within: u64,
}

impl Apply {
    pub fn run(self) -> Result<ExitCode> {
        println!("context {}", kubectl::context()?);
        let started = Instant::now();
        let folder = if self.overlay.contains('/') {
            self.overlay.clone()
        } else {
            format!("infra/k8s/overlays/{}", self.overlay)
        };
        let manifests = render(&folder)?;
        let streams = StreamMove::begin_if_needed(&manifests)?;
        remove_jobs_that_changed(&manifests)?;
        kubectl::show(&["apply", "--kustomize", &folder])?;
        println!("applied after {:.1} s", started.elapsed().as_secs_f32());
        self.wait()?;
        if let Some(streams) = streams {
            streams.finish()?;
            self.wait()?;
        }
        println!("all ready after {:.1} s", started.elapsed().as_secs_f32());
        Ok(ExitCode::SUCCESS)
    }

    fn wait(&self) -> Result<()> {
        let selector = "--selector=app.kubernetes.io/component=init";
        let jobs = kubectl::ask(&["--namespace", NAMESPACE, "get", "job", selector, "--output=name"], None)?;
        for job in jobs.lines() {
            kubectl::wait_for_job(job.trim_start_matches("job.batch/"), Duration::from_secs(self.within))?;
        }
        let limit = format!("--timeout={}s", self.within);
        for kind in ["statefulset", "deployment"] {
            let status = ["rollout", "status", kind, "--selector=app.kubernetes.io/part-of=ticketing", &limit];
            kubectl::show(&[&["--namespace", NAMESPACE], status.as_slice()].concat())?;
        }
        Ok(())
    }
}

fn render(folder: &str) -> Result<Vec<Value>> {
    let manifests = kubectl::ask(&["kustomize", folder], None)?;
    serde_norway::Deserializer::from_str(&manifests)
        .map(Value::deserialize)
        .collect::<Result<_, _>>()
        .context("kustomize rendered something else than YAML")
}

/// The template of a Job cannot be changed. One that is to be another, because of a new image or a new topology, is deleted;
/// apply makes it anew, and it runs again.
fn remove_jobs_that_changed(manifests: &[Value]) -> Result<()> {
    for object in manifests.iter().filter(|object| object["kind"] == "Job") {
        let tried = kubectl::ask(&["apply", "--dry-run=server", "--filename=-"], Some(&object.to_string()));
        if tried.is_err_and(|error| error.to_string().contains("field is immutable")) {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            kubectl::show(&["--namespace", NAMESPACE, "delete", "job", name, "--wait"])?;
        }
    }
    Ok(())
}
