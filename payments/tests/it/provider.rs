mod sandbox;
mod stripe;
