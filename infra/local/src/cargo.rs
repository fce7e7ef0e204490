//! cargo as a child of a program that cargo itself may have started.

use std::path::Path;
use std::process::Command;

/// What cargo tells a program of its own package. Build scripts watch these (ring's among them): passed on, they would have
/// half of all dependencies built anew, and back again by the next cargo that is called from a shell.
const OF_OUR_OWN_PACKAGE: [&str; 5] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE"];

/// cargo in the workspace's root, with the environment that it would have when called from a shell.
pub fn command() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    let inherited = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in inherited.filter(|name| OF_OUR_OWN_PACKAGE.iter().any(|prefix| name.starts_with(prefix))) {
        command.env_remove(name);
    }
    command
}
