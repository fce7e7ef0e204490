//! The orders service.

use std::process::ExitCode;

use common::service::Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> ExitCode {
    common::service::run(orders::NAME, orders::build)
}
