mod order_cancelled;
mod order_completed;
mod order_created;
mod orders_of_one_ticket;
mod session_ended;
mod user_deleted;
