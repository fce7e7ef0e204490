//! The pages.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::service::run(client::NAME, client::build)
}
