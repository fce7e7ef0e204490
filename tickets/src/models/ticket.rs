//! A ticket: its document, its changes and its queries.

use common::api::TicketBody;
use common::error::{ApiError, StartError};
use common::events::{TICKET, TicketCreated, TicketUpdated};
use common::id::{Id, as_object_id};
use common::money::Money;
use common::mongo::{Aggregate, Store, StoreError};
use common::outbox::{Entry, Publishes};
use common::page::Page;
use futures::TryStreamExt;
use mongodb::IndexModel;
use mongodb::bson::{Bson, doc};
use serde::{Deserialize, Serialize};

use super::offer::Offer;
use super::reservations::{Hold, Reservations};

/// A document of `tickets`, the original's fields and our `reservations` beside them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    #[serde(rename = "_id", with = "as_object_id")]
    id: Id,
    title: String,
    price: Money,
    user_id: Id,
    /// The order that holds or has bought the ticket, computed from `reservations`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_id: Option<Id>,
    #[serde(default)]
    version: i32,
    #[serde(default, skip_serializing_if = "Reservations::is_empty")]
    reservations: Reservations,
}

impl Aggregate for Ticket {
    const COLLECTION: &'static str = "tickets";
    const KIND: &'static str = TICKET;

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn state(&self) -> Result<Option<Entry>, serde_json::Error> {
        self.updated().entry()
    }
}

impl Ticket {
    /// A seller offers a ticket.
    pub fn offer(offer: Offer, seller: Id) -> (Self, TicketCreated) {
        let Offer { title, price } = offer;
        let ticket = Self {
            id: Id::generate(),
            title,
            price,
            user_id: seller,
            order_id: None,
            version: 0,
            reservations: Reservations::default(),
        };
        let created = TicketCreated {
            id: ticket.id,
            version: ticket.version,
            title: ticket.title.clone(),
            price: ticket.price,
            user_id: ticket.user_id,
        };
        (ticket, created)
    }

    /// Its seller changes title and price, unless an order holds it: the buyer pays the price that was shown.
    pub fn edit(&mut self, offer: Offer, editor: Id) -> Result<TicketUpdated, ApiError> {
        if self.user_id != editor {
            return Err(ApiError::NotAuthorized);
        }
        if self.order_id.is_some() {
            return Err(ApiError::refused("Cannot edit a reserved ticket"));
        }
        (self.title, self.price) = (offer.title, offer.price);
        self.version += 1;
        Ok(self.updated())
    }

    /// Applies an order's hold on this ticket. Nothing changes when it is known already.
    pub fn apply(&mut self, order_id: Id, order_version: i32, hold: Hold) -> Option<TicketUpdated> {
        // A ticket that the Node original reserved has only `orderId`.
        if let Some(holder) = self.order_id.filter(|holder| !self.reservations.knows(*holder)) {
            self.reservations.apply(holder, -1, Hold::Live);
        }
        if !self.reservations.apply(order_id, order_version, hold) {
            return None;
        }
        self.order_id = self.reservations.holder(self.order_id);
        self.version += 1;
        Some(self.updated())
    }

    fn updated(&self) -> TicketUpdated {
        TicketUpdated {
            id: self.id,
            version: self.version,
            title: self.title.clone(),
            price: self.price,
            user_id: self.user_id,
            order_id: self.order_id,
        }
    }

    /// As the API shows it.
    pub fn body(self) -> TicketBody {
        TicketBody {
            id: self.id,
            title: self.title,
            price: self.price,
            user_id: self.user_id,
            order_id: self.order_id,
            version: self.version,
        }
    }
}

/// Creates the index of the list, which is read in both directions.
pub async fn create_indexes(store: &Store<Ticket>) -> Result<(), StartError> {
    store.create_indexes([IndexModel::builder().keys(doc! {"orderId": 1, "_id": -1}).build()]).await
}

/// The tickets that nobody has reserved, a page of them.
pub async fn for_sale(store: &Store<Ticket>, page: Page) -> Result<Vec<TicketBody>, StoreError> {
    let found = store
        .documents()
        .find(page.restrict(doc! {"orderId": Bson::Null}))
        .projection(doc! {"title": 1, "price": 1, "userId": 1, "version": 1})
        .sort(page.order())
        .limit(page.limit as i64)
        .batch_size(page.limit as u32 + 1)
        .await?;
    Ok(found.map_ok(Ticket::body).try_collect().await?)
}
