use common::checkpoint::{Checkpoint, Checkpoints, Gap, MongoCheckpoints, Position, Repair};
use common::timestamp::Timestamp;
use mongodb::bson::doc;

use crate::counter::Servers;

const fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1000)
}

const CHECKPOINT: Checkpoint =
    Checkpoint { consumer_created: at(1), sequence: 100, at: at(1000), stored_at: at(1000), repair: None };

const CAUGHT_UP: Position = Position { consumer_created: at(1), messages: (1, 100), acked: 100, unhandled: 0 };

const MISSED: Option<Gap> = Some(Gap::Since(at(970)));

#[test]
fn a_service_that_follows_the_stream_has_missed_nothing() {
    let ahead = Position { messages: (1, 120), acked: 110, unhandled: 10, ..CAUGHT_UP };
    let nothing_of_ours = Position { messages: (50, 300), acked: 20, ..CAUGHT_UP };
    for position in [CAUGHT_UP, ahead, nothing_of_ours] {
        assert_eq!(position.gap(Some(&CHECKPOINT), at(1002)), None, "{position:?}");
    }
}

#[test]
fn a_service_without_a_checkpoint_knows_nothing() {
    assert_eq!(CAUGHT_UP.gap(None, at(1002)), Some(Gap::Everything));
}

#[test]
fn what_broker_or_store_have_lost_is_a_gap_since_the_checkpoint() {
    let new_consumer = Position { consumer_created: at(2), acked: 0, ..CAUGHT_UP };
    let stream_went_back = Position { messages: (1, 60), acked: 60, ..CAUGHT_UP };
    let dropped_unhandled = Position { messages: (150, 300), acked: 90, unhandled: 151, ..CAUGHT_UP };
    // The broker counts what it dropped as acked once later messages are.
    let dropped_and_went_on = Position { messages: (150, 300), acked: 300, ..CAUGHT_UP };
    for position in [new_consumer, stream_went_back, dropped_unhandled, dropped_and_went_on] {
        assert_eq!(position.gap(Some(&CHECKPOINT), at(1002)), MISSED, "{position:?}");
    }
    let handled_meanwhile = Position { messages: (1, 500), acked: 500, ..CAUGHT_UP };
    assert_eq!(handled_meanwhile.gap(Some(&CHECKPOINT), at(1005)), None);
    assert_eq!(handled_meanwhile.gap(Some(&CHECKPOINT), at(1500)), MISSED, "the store is from a backup");
}

#[test]
fn a_checkpoint_passes_over_what_the_service_does_not_listen_to_and_what_was_dropped() {
    let nothing_of_ours = Position { messages: (50, 300), acked: 20, ..CAUGHT_UP };
    assert_eq!(nothing_of_ours.checkpoint(Some(&CHECKPOINT), None, None, at(1002)).sequence, 300);
    let dropped = Position { messages: (150, 300), acked: 90, unhandled: 151, ..CAUGHT_UP };
    assert_eq!(dropped.checkpoint(Some(&CHECKPOINT), None, None, at(1002)).sequence, 149);
    let stream_is_new = Position { consumer_created: at(2), messages: (1, 3), acked: 0, unhandled: 3 };
    assert_eq!(stream_is_new.checkpoint(Some(&CHECKPOINT), None, None, at(1002)).sequence, 0);
}

#[test]
fn what_is_dropped_of_what_was_requested_is_requested_again() {
    let dropped = Position { messages: (150, 300), acked: 300, ..CAUGHT_UP };
    let asked = dropped.checkpoint(Some(&CHECKPOINT), dropped.gap(Some(&CHECKPOINT), at(1002)), None, at(1002));
    assert_eq!(asked.repair, Some(Repair { since: at(970), requested_at: at(1002) }));
    let goes_on = Position { messages: (200, 400), acked: 400, ..CAUGHT_UP };
    let again = goes_on.checkpoint(Some(&asked), None, None, at(1030));
    let dropped_again = Position { messages: (900, 1000), acked: 1000, ..CAUGHT_UP };
    assert_eq!(dropped_again.gap(Some(&again), at(1040)), MISSED, "not only since the last look");
    assert_eq!(goes_on.checkpoint(Some(&again), None, None, at(1063)).repair, None, "it has arrived by now");
    let all = CAUGHT_UP.checkpoint(None, Some(Gap::Everything), None, at(1002));
    assert_eq!(all.repair.map(|repair| repair.since), Some(at(0)));
}

#[test]
fn a_service_that_lags_behind_asks_later_for_all_that_it_has_not_handled_yet() {
    let lagging = Position { messages: (1, 500), acked: 100, unhandled: 400, ..CAUGHT_UP };
    let checkpoint = lagging.checkpoint(Some(&CHECKPOINT), None, Some(at(1001)), at(2000));
    assert_eq!((checkpoint.at, checkpoint.stored_at), (at(1001), at(2000)));
    let unreadable = lagging.checkpoint(Some(&checkpoint), None, None, at(2002));
    assert_eq!(unreadable.at, at(1001));
    let stream_is_lost = Position { consumer_created: at(3), messages: (1, 3), acked: 0, unhandled: 3 };
    assert_eq!(stream_is_lost.gap(Some(&unreadable), at(2004)), Some(Gap::Since(at(971))));
    assert_eq!(lagging.gap(Some(&unreadable), at(2004)), None, "to lag behind is no gap");
}

#[tokio::test]
async fn a_checkpoint_counts_only_while_the_replica_that_it_belongs_to_is_there() {
    let servers = Servers::new().await;
    let checkpoints = MongoCheckpoints::new(&servers.database, Some("replica"));
    checkpoints.save(&CHECKPOINT).await.unwrap();
    assert_eq!(checkpoints.load().await.unwrap(), None);
    servers.database.collection("replica").insert_one(doc! {"of": "somebody"}).await.unwrap();
    assert_eq!(checkpoints.load().await.unwrap(), Some(CHECKPOINT));
    let later = Checkpoint { sequence: 200, ..CHECKPOINT };
    checkpoints.save(&later).await.unwrap();
    assert_eq!(checkpoints.load().await.unwrap(), Some(later));
}
