//! The public APIs as the pages call them: one method for each call, with the visitor's cookie.

mod auth;
mod call;
mod listed;
mod orders;
mod payments;
mod tickets;

pub use auth::{AuthApi, Credentials, SetCookies};
pub use call::{Http, Service};
pub use listed::Listed;
pub use orders::OrdersApi;
pub use payments::PaymentsApi;
pub use tickets::{TicketForm, TicketsApi};
