mod cancel;
mod index;
mod pay;
mod show;
