mod clock;
mod order;
mod payment;
