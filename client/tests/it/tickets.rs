mod buy;
mod edit;
mod file;
mod index;
mod new;
mod report;
mod show;
mod withdraw;
