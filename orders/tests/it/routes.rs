mod delete;
mod index;
mod new;
mod show;
