//! `GET /tickets/{id}/buy` and `POST /tickets/{id}/buy`

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::show::show;
use crate::extract::PathId;
use crate::failure::Failure;
use crate::page::see;
use crate::state::Client;
use crate::visitor::SignedIn;

/// `GET /tickets/{id}/buy`: back to the ticket, for who signed in on the way or entered a form's address.
pub async fn page(PathId(id): PathId) -> Response {
    see(&format!("/tickets/{id}"))
}

/// `POST /tickets/{id}/buy`: reserves the ticket.
pub async fn submit(
    State(client): State<Client>,
    SignedIn(buyer): SignedIn,
    PathId(id): PathId,
) -> Result<Response, Failure> {
    match client.orders.create(&buyer, id).await {
        Ok(order) => Ok(see(&format!("/orders/{}", order.id))),
        Err(Failure::Refused(refusal)) => {
            let status = refusal.status;
            let ticket = client.tickets.show(&buyer, id).await?;
            Ok(show(&client, &buyer, ticket, refusal.into()).await.status(status).into_response())
        }
        Err(failure) => Err(failure),
    }
}
