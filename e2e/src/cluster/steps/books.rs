use anyhow::Result;
use common::events::STREAM;
use common::timestamp::Timestamp;

use crate::books::Since;
use crate::cluster::report::Verdict;
use crate::cluster::stores::OpenStores;
use crate::cluster::world::World;

pub async fn run(world: &World) -> Result<Verdict> {
    let problems = world.check_books_since(everything().await?, &[]).await?;
    Ok(Verdict::new("everything there is").with(problems))
}

/// From the beginning on, or from where the stream begins that does not keep its events for ever.
async fn everything() -> Result<Since> {
    let open = OpenStores::open().await?;
    let stream = open.stores.jetstream.get_stream(STREAM).await?;
    let state = &stream.cached_info().state;
    if state.first_sequence <= 1 {
        return Ok(Since::BEGINNING);
    }
    let first = Timestamp::from_millis((state.first_timestamp.unix_timestamp_nanos() / 1_000_000) as i64);
    Ok(Since::time(first.after(std::time::Duration::from_secs(1))))
}
