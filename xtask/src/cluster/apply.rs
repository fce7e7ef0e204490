//! `cargo xtask cluster apply`: deletes the init Jobs, runs `kubectl apply -k`, and waits until everything is ready.

use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use e2e::cluster::{jobs, kubectl};

const INIT_JOBS: &str = "--selector=app.kubernetes.io/component=init";

#[derive(Args)]
pub struct Apply {
    /// The overlay: a folder of infra/k8s/overlays, or a path of your own.
    overlay: String,
    /// How long everything may take to be ready, in seconds.
    #[arg(long, default_value_t = 600)]
    within: u64,
}

impl Apply {
    pub async fn run(self) -> Result<()> {
        let started = Instant::now();
        let folder = match self.overlay.contains('/') {
            true => self.overlay,
            false => format!("infra/k8s/overlays/{}", self.overlay),
        };
        // The template of a Job cannot be changed. The init Jobs are harmless to repeat, so they are always made anew.
        kubectl::show(&["delete", "job", INIT_JOBS, "--wait"]).await?;
        kubectl::show(&["apply", "--kustomize", &folder]).await?;
        println!("applied after {:.1} s", started.elapsed().as_secs_f32());
        for job in kubectl::run(&["get", "job", INIT_JOBS, "--output=name"]).await?.lines() {
            jobs::wait(job.trim_start_matches("job.batch/"), Duration::from_secs(self.within)).await?;
        }
        let limit = format!("--timeout={}s", self.within);
        for kind in ["statefulset", "deployment"] {
            let ours = "--selector=app.kubernetes.io/part-of=ticketing";
            kubectl::show(&["rollout", "status", kind, ours, &limit]).await?;
        }
        println!("all ready after {:.1} s", started.elapsed().as_secs_f32());
        Ok(())
    }
}
