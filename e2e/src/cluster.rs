//! The platform on the cluster of the current kube context: tried step by step, and restored from its backups.
//!
//! It works on an overlay that is applied and ready, whatever kind of cluster it is, and leaves behind what it found: what a
//! step changes is put back when it ends, fails or is interrupted. What was bought meanwhile stays.

mod disturbances;
mod entrance;
pub mod jobs;
pub mod kubectl;
pub mod load;
mod platform;
mod report;
mod restore;
mod run;
mod steps;
mod undo;
mod workloads;

pub use restore::restore;
pub use run::{Arguments, run};
pub use steps::Step;
pub use workloads::Workload;
