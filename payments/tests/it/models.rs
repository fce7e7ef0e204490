mod order;
mod payment;
