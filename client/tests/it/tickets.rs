mod buy;
mod edit;
mod index;
mod new;
mod show;
