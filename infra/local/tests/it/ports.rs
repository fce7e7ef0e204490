use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use infra_local::ports;

/// A child holds a copy of every socket of its parent until it has become its program: a port must not be found in use because it
/// was looked at a moment before.
#[test]
fn a_port_is_free_while_other_threads_start_programs() {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    Command::new("true").status().expect("every machine has `true`");
                }
            });
        }
        let found =
            (0..2000).map(|_| ports::free().expect("a free port")).filter(|port| !ports::is_free(*port)).count();
        done.store(true, Ordering::Relaxed);
        assert_eq!(found, 0, "free ports were found in use");
    });
}

#[test]
fn a_port_on_which_somebody_listens_is_not_free() {
    let somebody = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    assert!(!ports::is_free(somebody.local_addr().expect("it is bound").port()));
}
