//! The payments service.

use std::process::ExitCode;

fn main() -> ExitCode {
    common::service::run(payments::NAME, payments::build)
}
