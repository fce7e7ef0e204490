//! The payments service, and its subcommand `reconcile`.

use std::process::ExitCode;

use common::service::Allocator;
use payments::{NAME, build, reconcile};

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|subcommand| subcommand == "reconcile") {
        return common::service::command(NAME, std::env::args_os().skip(1), reconcile::run);
    }
    common::service::run(NAME, build)
}
