//! What every workload must be like.

mod credentials;
mod disruption;
mod ending;
mod images;
mod probes;
mod resources;
mod rights;
mod selectors;
