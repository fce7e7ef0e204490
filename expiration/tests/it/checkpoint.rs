use common::listener::Failure;
use expiration::checkpoint::Checkpoint;

use crate::app::Environment;

#[tokio::test]
async fn what_was_saved_last_is_loaded() {
    let environment = Environment::new().await;
    let checkpoint = Checkpoint::new(environment.db());
    assert_eq!(checkpoint.load().await.unwrap(), None);
    for text in ["{}", r#"{"sequence":7}"#, ""] {
        checkpoint.save(text).await.unwrap();
        assert_eq!(checkpoint.load().await.unwrap().as_deref(), Some(text));
    }
}

#[tokio::test]
async fn a_full_redis_keeps_the_checkpoint() {
    let environment = Environment::new().await;
    let checkpoint = Checkpoint::new(environment.db());
    checkpoint.save("1").await.unwrap();
    environment.db_maxmemory(1).await;
    checkpoint.save("2").await.unwrap();
    assert_eq!(checkpoint.load().await.unwrap().as_deref(), Some("2"));
}

#[tokio::test]
async fn without_redis_it_is_unavailable() {
    let environment = Environment::new().await;
    let checkpoint = Checkpoint::new(environment.db());
    environment.redis.kill().await.unwrap();
    assert!(matches!(checkpoint.load().await, Err(Failure::Unavailable(_))));
    assert!(matches!(checkpoint.save("1").await, Err(Failure::Unavailable(_))));
}
