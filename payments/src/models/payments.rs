//! The collection `payments`.

use common::error::StartError;
use common::id::Id;
use common::mongo::{Store, StoreError};
use common::outbox::{Outbox, Publishes};
use common::timestamp::Timestamp;
use futures::TryStreamExt;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::options::{Hint, IndexOptions};
use mongodb::{Database, IndexModel};

use super::payment::{A_MOMENT, Payment, PaymentStatus};

/// How often a claim is tried again when the live payment that was in its way has ended in the meantime.
const TURNS: u32 = 5;

/// The longest pause between two looks of the sweep, as a power of two times [`A_MOMENT`]: 96 seconds.
const LONGEST_PAUSE: i32 = 5;

const OVERDUE_INDEX: &str = "overdue";

/// The payments of this service. Cheap to clone.
#[derive(Clone)]
pub struct PaymentStore(Store<Payment>);

impl PaymentStore {
    /// The payments of this database, and the way to their relay.
    pub fn new(database: &Database, outbox: Outbox) -> Self {
        Self(Store::new(database, outbox))
    }

    /// Creates the indexes: one live payment of an order, the payments of an order, and those that the sweep looks for.
    pub async fn create_indexes(&self) -> Result<(), StartError> {
        let named = |name: &str| IndexOptions::builder().name(name.to_owned());
        let live = named("live").unique(true).partial_filter_expression(among(&PaymentStatus::LIVE)).build();
        let overdue = named(OVERDUE_INDEX).partial_filter_expression(among(&PaymentStatus::UNSETTLED)).build();
        let indexes = [
            IndexModel::builder().keys(doc! {"orderId": 1}).options(live).build(),
            IndexModel::builder().keys(doc! {"orderId": 1, "status": 1}).options(named("order").build()).build(),
            IndexModel::builder().keys(doc! {"dueAt": 1}).options(overdue).build(),
        ];
        self.0.create_indexes(indexes).await
    }

    /// The payment with this id.
    pub async fn find(&self, id: Id) -> Result<Option<Payment>, StoreError> {
        self.0.find(id).await
    }

    /// The payment that holds or has money for the order, or may.
    pub async fn live(&self, order_id: Id) -> Result<Option<Payment>, StoreError> {
        Ok(self.0.documents().find_one(live_of(order_id)).await?)
    }

    /// All of them: more than one only where the original charged an order twice.
    pub async fn all_live(&self, order_id: Id) -> Result<Vec<Payment>, StoreError> {
        Ok(self.0.documents().find(live_of(order_id)).await?.try_collect().await?)
    }

    /// The order's live payment: the one that is there, else this attempt. The unique index decides between attempts.
    pub async fn claim(&self, attempt: Payment) -> Result<Payment, StoreError> {
        for _ in 0..TURNS {
            // Documents of the original have no status and are not in the index, so looking comes first.
            if let Some(live) = self.live(attempt.order_id()).await? {
                return Ok(live);
            }
            match self.0.insert(&attempt, ()).await {
                Ok(()) => return Ok(attempt),
                Err(StoreError::Duplicate) => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Stores a change together with its event, if it has one. The methods of [`Payment`] change nothing where they do not apply.
    pub async fn change<P: Publishes>(
        &self,
        id: Id,
        mut change: impl FnMut(&mut Payment) -> P,
    ) -> Result<Payment, StoreError> {
        self.0.change(id, |payment| Ok(change(payment))).await
    }

    /// A payment that has stood for too long. It is due again after a pause that grows, so that replicas share the work and a
    /// provider that is away is not pressed.
    pub async fn next_overdue(&self) -> Result<Option<Payment>, StoreError> {
        let now = Timestamp::now();
        let mut overdue = among(&PaymentStatus::UNSETTLED);
        overdue.insert("dueAt", doc! {"$lte": DateTime::from_millis(now.millis())});
        let moment_ms = i64::try_from(A_MOMENT.as_millis()).unwrap_or(i64::MAX);
        let tries = doc! {"$ifNull": ["$tries", 0]};
        let pause = doc! {"$multiply": [moment_ms, {"$pow": [2, {"$min": [&tries, LONGEST_PAUSE]}]}]};
        let again = doc! {"$add": [DateTime::from_millis(now.millis()), pause]};
        let postponed = vec![doc! {"$set": {"dueAt": again, "tries": {"$add": [tries, 1]}}}];
        let claim = self.0.documents().find_one_and_update(overdue, postponed).sort(doc! {"dueAt": 1});
        Ok(claim.hint(Hint::Name(OVERDUE_INDEX.to_owned())).await?)
    }
}

fn names(statuses: &[PaymentStatus]) -> Vec<Bson> {
    statuses.iter().map(|status| status.as_str().into()).collect()
}

fn among(statuses: &[PaymentStatus]) -> Document {
    doc! {"status": {"$in": names(statuses)}}
}

/// Documents of the original have no status: they were charged.
fn live_of(order_id: Id) -> Document {
    let mut statuses = names(&PaymentStatus::LIVE);
    statuses.push(Bson::Null);
    doc! {"orderId": order_id.to_string(), "status": {"$in": statuses}}
}
