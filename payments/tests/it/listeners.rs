mod expiration_complete;
mod order_cancelled;
mod order_completed;
mod order_created;
