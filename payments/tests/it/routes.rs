mod new;
mod sandbox;
mod webhook;
