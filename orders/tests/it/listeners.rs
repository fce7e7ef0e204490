mod expiration_complete;
mod payment_created;
mod payment_refunded;
mod ticket_created;
mod ticket_updated;
mod together;
