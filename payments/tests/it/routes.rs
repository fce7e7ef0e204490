mod new;
mod provider;
mod refund;
mod sandbox;
mod webhook;
