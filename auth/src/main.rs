//! The auth service.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::service::run(auth::NAME, auth::build)
}
