//! What the handlers share.

use std::sync::Arc;

use crate::api::{AuthApi, Http, OrdersApi, PaymentsApi, TicketsApi};
use crate::config::Config;
use crate::failure::Part;

/// The platform's services, and how buyers pay.
#[derive(Clone)]
pub struct Client {
    /// Who is signed in.
    pub auth: AuthApi,
    /// What is for sale.
    pub tickets: TicketsApi,
    /// What was reserved.
    pub orders: OrdersApi,
    /// What was paid.
    pub payments: PaymentsApi,
    /// How a buyer names a card.
    pub cards: Cards,
}

/// How a buyer names the card to pay with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cards {
    /// One of the sandbox's test cards: no money moves.
    Sandbox,
    /// A card typed into Stripe's own form, made with this publishable key.
    Stripe(Arc<str>),
}

impl Client {
    /// The services at the configured addresses, all asked over one pool of connections.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(config: &Config) -> Result<Self, reqwest::Error> {
        let http = Http::new()?;
        let key = config.stripe_publishable_key.as_deref().map(str::trim).filter(|key| !key.is_empty());
        Ok(Self {
            auth: AuthApi(http.service(Part::Accounts, &config.auth_url)),
            tickets: TicketsApi(http.service(Part::Tickets, &config.tickets_url)),
            orders: OrdersApi(http.service(Part::Orders, &config.orders_url)),
            payments: PaymentsApi(http.service(Part::Payments, &config.payments_url)),
            cards: key.map_or(Cards::Sandbox, |key| Cards::Stripe(key.into())),
        })
    }
}
