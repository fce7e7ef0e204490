mod index;
mod new;
mod show;
mod update;
