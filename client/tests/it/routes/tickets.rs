mod buy;
mod edit;
mod new;
mod show;
