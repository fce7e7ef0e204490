//! The pages.

use std::process::ExitCode;

use common::service::Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    common::service::run(client::NAME, client::build)
}
