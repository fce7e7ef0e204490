mod delete;
mod index;
mod live;
mod new;
mod show;
