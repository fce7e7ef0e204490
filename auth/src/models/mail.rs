//! Mails that are to be sent: what each is about, and when its next attempt is.

use std::time::Duration;

use common::events::OrderCompleted;
use common::id::Id;
use common::money::Money;
use common::mongo::Turn;
use common::timestamp::{Timestamp, as_date};
use serde::{Deserialize, Serialize};

use super::email::Email;

/// How long the link of a mail can be used to set a password.
const RESET: Duration = Duration::from_secs(60 * 60);

/// How long the link of a mail can be used to prove the address.
const PROOF: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long a mail without a link is tried.
const TRIED: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// A person who asks again within this time gets no second mail.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(15 * 60);

/// How old an order may be when it is mailed about. A mail is remembered for longer: none is sent twice.
pub const OLDEST_ORDER: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A document of `mails`. It holds no address but that of a reset, and nothing that gives access: the link is made when it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// Its reason: the same mail is stored once, however often it is asked for.
    #[serde(rename = "_id")]
    pub id: String,
    /// What it says, and to whom.
    pub about: About,
    /// From then on it is not worth sending.
    #[serde(with = "as_date")]
    pub until: Timestamp,
    /// When the document is removed.
    #[serde(with = "as_date")]
    pub remove_at: Timestamp,
    /// When it is tried next; none once it is sent or given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<Turn>,
}

/// What a mail says, and to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum About {
    /// The account's address is proved by a link.
    Proof {
        /// The account.
        user_id: Id,
    },
    /// The password of the account with this address can be set by a link. There may be no such account.
    Reset {
        /// The address, as it was asked for.
        email: String,
    },
    /// The account's password was set by such a link.
    PasswordSet {
        /// The account.
        user_id: Id,
    },
    /// The account has bought a ticket.
    Purchase(Receipt),
    /// The account has sold a ticket.
    Sale(Receipt),
}

/// What was sold to or by an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// The account that it is for.
    pub user_id: Id,
    /// The order.
    pub order_id: Id,
    /// The ticket's title, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Dollars.
    pub price: Money,
}

impl About {
    /// What it is called in logs and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Proof { .. } => "proof",
            Self::Reset { .. } => "reset",
            Self::PasswordSet { .. } => "passwordSet",
            Self::Purchase(_) => "purchase",
            Self::Sale(_) => "sale",
        }
    }

    /// How long its link can be used, if it has one.
    pub fn link_lifetime(&self) -> Option<Duration> {
        match self {
            Self::Proof { .. } => Some(PROOF),
            Self::Reset { .. } => Some(RESET),
            Self::PasswordSet { .. } | Self::Purchase(_) | Self::Sale(_) => None,
        }
    }
}

impl Mail {
    fn new(id: String, about: About, tried: Duration) -> Self {
        let until = Timestamp::now().after(tried);
        let remove_at = until.after(about.link_lifetime().unwrap_or(OLDEST_ORDER));
        Self { id, about, until, remove_at, next: Some(Turn::first(Turn::UNPLANNED)) }
    }

    /// A link that proves the address of a new account, or of one that signs in without having done it.
    pub fn proof(user_id: Id) -> Self {
        Self::new(format!("proof-{user_id}"), About::Proof { user_id }, TRIED)
    }

    /// Another one, for somebody who asks for it.
    pub fn proof_again(user_id: Id) -> Self {
        Self::new(format!("proof-{user_id}-{}", turn()), About::Proof { user_id }, TRIED)
    }

    /// A link that sets the password of the account with this address.
    pub fn reset(email: &Email) -> Self {
        let email = email.as_str().to_owned();
        Self::new(format!("reset-{email}-{}", turn()), About::Reset { email }, RESET)
    }

    /// The account's password was set.
    pub fn password_set(user_id: Id) -> Self {
        Self::new(format!("password-{}", Id::generate()), About::PasswordSet { user_id }, TRIED)
    }

    /// The receipts of buyer and seller, as far as they are known. There are none of an order that is older than
    /// [`OLDEST_ORDER`], or was made before `since`: its event is published again for somebody who lost it.
    pub fn receipts(order: &OrderCompleted, since: Timestamp) -> Vec<Self> {
        // An id tells the second in which it was made: the order may be of its end.
        let made_at = order.id.made_at().after(Duration::from_secs(1));
        if made_at < since || made_at < Timestamp::now().before(OLDEST_ORDER) {
            return Vec::new();
        }
        let receipt =
            |user_id| Receipt { user_id, order_id: order.id, title: order.title.clone(), price: order.ticket.price };
        let purchase = About::Purchase(receipt(order.user_id));
        let sale = order.seller_id.map(|seller| About::Sale(receipt(seller)));
        let mail = |about: About| Self::new(format!("{}-{}", about.kind(), order.id), about, TRIED);
        std::iter::once(purchase).chain(sale).map(mail).collect()
    }
}

/// The present stretch of time within which a person gets one mail of a kind.
fn turn() -> i64 {
    Timestamp::now().millis() / ASK_AGAIN_AFTER.as_millis() as i64
}
