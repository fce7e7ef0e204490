mod payment_closed;
mod payment_created;
mod payment_failed;
mod payment_refunded;
mod state_requested;
mod ticket_created;
mod ticket_updated;
mod together;
