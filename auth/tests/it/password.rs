use std::sync::{Arc, Mutex, mpsc};

use auth::password::{Password, WAITING, Workers};
use common::error::ApiError;
use futures::poll;
use serde_json::json;

const LENGTH: &str = "Password must be between 8 and 128 characters";
const COMMON: &str = "Password is too common";

#[test]
fn a_new_password_is_taken_unless_it_is_guessed_first() {
    for (password, refusal) in [
        ("correct horse", None),
        ("        a", None),
        (" 1234567", None),
        ("ääääääää", None),
        ("1234567", Some(LENGTH)),
        ("password", Some(COMMON)),
        ("PassWord1", Some(COMMON)),
        ("  qwertyuiop ", Some(COMMON)),
        ("iloveyou", Some(COMMON)),
        ("12345678", Some(COMMON)),
        ("                ", Some(COMMON)),
    ] {
        assert_eq!(Password::parse_new(&json!(password)).err(), refusal, "{password:?}");
    }
}

#[test]
fn an_accounts_own_address_is_no_password_for_it() {
    for (password, refusal) in [
        ("ann@example.com", Some(COMMON)),
        (" ANN@example.com", Some(COMMON)),
        ("ann@example.com!", None),
        ("bob@example.com", None),
    ] {
        let password = Password::parse_new(&json!(password)).ok().unwrap();
        assert_eq!(password.other_than("Ann@Example.com").err(), refusal);
    }
}

#[tokio::test]
async fn at_least_64_wait_for_a_thread_and_further_ones_are_refused_at_once() {
    let workers = Workers::start(2, || ());
    let (hold, held) = mpsc::channel::<()>();
    let held = Arc::new(Mutex::new(held));
    let job = || {
        let held = held.clone();
        workers.run(move |()| {
            let _ = held.lock().unwrap().recv();
            Ok(())
        })
    };
    let mut jobs: Vec<_> = (0..2 + WAITING).map(|_| Box::pin(job())).collect();
    const { assert!(WAITING >= 64) };
    for job in &mut jobs {
        assert!(poll!(job).is_pending());
    }
    assert!(matches!(job().await, Err(ApiError::Unavailable(_))));
    // One that gives up leaves its place to another.
    jobs.pop();
    jobs.push(Box::pin(job()));
    assert!(poll!(jobs.last_mut().unwrap()).is_pending());
    drop(hold);
    for job in jobs {
        job.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_ten_seconds_for_a_thread_is_refused() {
    let workers = Workers::start(1, || ());
    let (hold, held) = mpsc::channel::<()>();
    let mut first = Box::pin(workers.run(move |()| {
        let _ = held.recv();
        Ok(())
    }));
    assert!(poll!(&mut first).is_pending());
    let began = tokio::time::Instant::now();
    assert!(matches!(workers.run(|()| Ok(())).await, Err(ApiError::Unavailable(_))));
    assert_eq!(began.elapsed().as_secs(), 10);
    drop(hold);
    first.await.unwrap();
}

#[tokio::test]
async fn a_thread_outlives_a_panic_and_uses_its_memory_again() {
    let workers = Workers::start(1, || 0);
    let count = |memory: &mut u32| {
        *memory += 1;
        Ok(*memory)
    };
    assert_eq!(workers.run(count).await.unwrap(), 1);
    let panicked = workers.run(|_| -> Result<(), ApiError> { panic!("a test") }).await;
    assert!(matches!(panicked, Err(ApiError::Internal(_))));
    assert_eq!(workers.run(count).await.unwrap(), 2);
}
