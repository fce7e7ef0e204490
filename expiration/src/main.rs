//! The expiration service.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::service::run(expiration::NAME, expiration::build)
}
