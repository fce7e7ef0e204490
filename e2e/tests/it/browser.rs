//! The pages in a real browser: Chromium, driven through chromedriver. Where one of them is missing nothing is checked, and a line says so.

mod axe;
mod device;
mod driver;
mod shared;
mod stage;
mod window;

mod account;
mod buying;
mod docs;
mod errors;
mod gallery;
mod keyboard;
mod order;
mod sale;
