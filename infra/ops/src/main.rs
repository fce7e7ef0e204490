//! The operator's tool for the platform's stores.

use std::process::ExitCode;

fn main() -> ExitCode {
    ops::run()
}
