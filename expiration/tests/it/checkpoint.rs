use std::time::Duration;

use common::checkpoint::{Checkpoint, Checkpoints};
use common::timestamp::Timestamp;
use expiration::checkpoint::RedisCheckpoint;

use crate::app::Environment;

fn at(sequence: i64) -> Checkpoint {
    Checkpoint {
        consumer_created: Timestamp::from_millis(1),
        sequence,
        at: Timestamp::from_millis(2),
        stored_at: Timestamp::from_millis(3),
        repair: None,
    }
}

#[tokio::test]
async fn the_checkpoint_is_what_was_saved_last_and_in_a_wiped_redis_older_than_any_open_order() {
    let environment = Environment::new().await;
    let checkpoint = RedisCheckpoint::new(environment.db());
    let none = checkpoint.load().await.unwrap().unwrap();
    assert!(
        none.at.after(Duration::from_secs(604_800)) < Timestamp::now()
            && none.at.after(Duration::from_secs(700_000)) > Timestamp::now()
    );
    for sequence in [1, 2] {
        checkpoint.save(&at(sequence)).await.unwrap();
        assert_eq!(checkpoint.load().await.unwrap(), Some(at(sequence)));
    }
}

#[tokio::test]
async fn a_full_redis_keeps_the_checkpoint() {
    let environment = Environment::new().await;
    let checkpoint = RedisCheckpoint::new(environment.db());
    checkpoint.save(&at(1)).await.unwrap();
    environment.db_maxmemory(1).await;
    checkpoint.save(&at(2)).await.unwrap();
    assert_eq!(checkpoint.load().await.unwrap(), Some(at(2)));
}

#[tokio::test]
async fn without_redis_there_is_neither_a_checkpoint_nor_none() {
    let environment = Environment::new().await;
    let checkpoint = RedisCheckpoint::new(environment.db());
    environment.redis.kill().await.unwrap();
    assert!(checkpoint.load().await.is_err());
    assert!(checkpoint.save(&at(1)).await.is_err());
}
