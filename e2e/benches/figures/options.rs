//! What `cargo xtask bench` can be told, which starts `cargo bench -p e2e --bench figures`. Both read this file.

use clap::{Args, ValueEnum};

/// Measure each call, each page and the way of an event beside the limit underneath, with a release build.
#[derive(Args, Debug)]
pub struct Options {
    /// Measure only this; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub only: Vec<Row>,
    /// How many seconds each call is measured. Each limit is measured before and after it, half as long.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub seconds: u32,
    /// Measure again with full stores: so many orders, a fifth as many tickets of which half are on sale, a hundredth of the orders of
    /// one buyer. To store a million takes some minutes.
    #[arg(long, value_name = "ORDERS", num_args = 0..=1, default_missing_value = "1000000", value_parser = clap::value_parser!(u32).range(10_000..=10_000_000))]
    pub size: Option<u32>,
    /// What cargo passes to every benchmark.
    #[arg(long, hide = true)]
    pub bench: bool,
}

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Row {
    /// The CPU time of an order journey, all processes and stores
    Journey,
    /// GET /api/users/currentuser
    CurrentUser,
    /// GET /api/tickets/:id
    Show,
    /// GET /api/tickets, a page of 100
    List,
    /// The same with words to search for, the cheapest first
    Search,
    /// The page of what is on, signed out
    Landing,
    /// The same signed in
    LandingSignedIn,
    /// The page of a ticket
    TicketPage,
    /// POST /api/tickets until the event is published and handled and the outbox empty
    Create,
    /// 200 connections order the same 100 tickets, which are taken
    Refusals,
    /// 10,000 buyers want 100 tickets at the same time
    OnSale,
    /// POST /api/orders, each of another ticket by another buyer
    Order,
    /// How long until a ticket is shown as reserved and as free again, without load and under 50 orders/s; memory when idle
    Events,
}
