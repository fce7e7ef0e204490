#![doc = include_str!("../README.md")]
#![allow(clippy::expect_used, clippy::panic, reason = "all of this is for tests, which fail by panicking")]

pub mod environment;
pub mod faults;
pub mod network;
pub mod object;
pub mod overlay;
pub mod repository;
pub mod secrets;
pub mod tools;
pub mod workload;

pub use faults::Faults;
pub use object::Object;
pub use overlay::{Overlay, overlay, overlays};
pub use workload::{Container, Workload, containers, workloads};

/// What has an image: the services, and the tool that Jobs in the cluster run.
pub fn images() -> Vec<&'static str> {
    infra_local::fleet::SERVICES.into_iter().chain(["ops"]).collect()
}
