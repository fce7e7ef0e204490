use common::auth;
use common::events::UserDeleted;
use common::listener::Failure;

use crate::models::tickets as queries;
use crate::state::Tickets;

/// `user.deleted`: the account's sessions end, and its listings are withdrawn. What is sold stays sold.
pub async fn user_deleted(tickets: Tickets, event: UserDeleted) -> Result<(), Failure> {
    auth::user_deleted(tickets.clone(), event.clone()).await?;
    for id in queries::not_withdrawn(&tickets.store, event.id).await? {
        tickets.leave(id).await?;
    }
    Ok(())
}
