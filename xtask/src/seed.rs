//! `cargo xtask seed`: two accounts and 40 tickets, through the public API like anybody else.

mod api;
mod tickets;

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use self::api::Api;
use self::tickets::TICKETS;

/// The demo account that sells.
pub const SELLER: &str = "seller@example.com";
/// The demo account that buys.
pub const BUYER: &str = "buyer@example.com";
/// The password of both.
pub const PASSWORD: &str = "front-row-seat";

#[derive(Args)]
pub struct Seed {
    /// Where the platform is.
    #[arg(long, default_value = "http://localhost:3000")]
    url: String,
}

impl Seed {
    pub async fn run(self) -> Result<ExitCode> {
        let api = Api::new(&self.url)?;
        let seller = api.sign_in_or_up(SELLER, PASSWORD).await?;
        api.sign_in_or_up(BUYER, PASSWORD).await?;
        println!("accounts {SELLER} and {BUYER}, password {PASSWORD}");
        if api.sells(&seller).await? {
            println!("{SELLER} has tickets for sale already: none were added");
            return Ok(ExitCode::SUCCESS);
        }
        for (title, price) in TICKETS {
            api.sell(&seller, title, price).await?;
        }
        println!("{} tickets for sale at {}", TICKETS.len(), self.url);
        Ok(ExitCode::SUCCESS)
    }
}
