mod new;
mod refund;
mod sandbox;
mod webhook;
