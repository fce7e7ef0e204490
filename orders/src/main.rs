//! The orders service.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::service::run(orders::NAME, orders::build)
}
