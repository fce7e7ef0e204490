mod buy;
mod edit;
mod file;
mod new;
mod report;
mod show;
mod withdraw;
