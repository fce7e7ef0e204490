//! The tickets service.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::service::run(tickets::NAME, tickets::build)
}
