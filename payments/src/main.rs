//! The payments service, and its subcommand `reconcile`.

use std::process::ExitCode;

use payments::{NAME, build, reconcile};

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|subcommand| subcommand == "reconcile") {
        return common::service::command(NAME, std::env::args_os().skip(1), reconcile::run);
    }
    common::service::run(NAME, build)
}
