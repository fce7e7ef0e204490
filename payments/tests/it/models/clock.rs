use common::testing::{eventually, new_database, open_database};
use common::timestamp::Timestamp;
use payments::models::clock::DatabaseClock;

#[tokio::test]
async fn the_time_goes_on_from_what_was_read_last() {
    let database = open_database(&new_database().await).await;
    let clock = DatabaseClock::new(&database);
    let read = clock.read().await.unwrap();
    // The database of the tests has the clock of this machine.
    assert!(Timestamp::now().millis().abs_diff(read.millis()) < 5_000);
    eventually("it goes on", async || (clock.now() > read).then_some(())).await;
    assert!(clock.clone().now() >= read, "every clone has it");
}
