//! The platform on the cluster of the current kube context, tried step by step.
//!
//! It works against an overlay that is applied and ready, whatever kind of cluster it is, and leaves behind what it found:
//! what a step changes is put back when it ends, fails or is interrupted. What was bought meanwhile stays.

mod arguments;
pub mod crowd;
mod disturbances;
mod entrance;
mod kubectl;
pub mod load;
mod policy_probe;
mod report;
mod run;
mod steps;
mod stores;
mod undo;
mod usage;
mod workloads;
mod world;

pub use arguments::Arguments;
pub use run::run;
pub use steps::Step;
