mod cancel;
mod confirm;
mod index;
mod pay;
mod show;
