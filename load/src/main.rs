//! Visitors as a marketplace has them, for `cargo xtask load`: goose sends what they ask for, and reports.
//!
//! Each visitor comes once, at a time that is fixed in advance, however slow the answers are, and leaves: an open model. All of them use
//! the pages and their forms. Most only look; the others buy, or sell so that there is something to buy.

mod options;

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Parser;
use goose::config::GooseConfiguration;
use goose::metrics::GooseMetrics;
use goose::prelude::*;
use options::Options;
use rand::seq::IndexedRandom;
use tokio::sync::Barrier;

/// Tickets that are offered before the first visitor comes, and by each seller.
const STOCK: usize = 60;
const OFFERS: usize = 6;

/// Tickets of the on-sale.
const ON_SALE: usize = 20;

/// What is on sale in the rush, and how often each ticket was ordered in this run: no order is given up here, so at most once.
static TICKETS: Mutex<Vec<String>> = Mutex::new(Vec::new());
static ORDERED: LazyLock<Mutex<HashMap<String, usize>>> = LazyLock::new(Mutex::default);

fn ordered() -> MutexGuard<'static, HashMap<String, usize>> {
    ORDERED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tickets() -> MutexGuard<'static, Vec<String>> {
    TICKETS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the reports go, seen from the workspace's root.
const REPORTS: &str = "target/load";

type Asked<T> = Result<T, Box<TransactionError>>;

#[derive(Parser)]
#[command(name = "cargo xtask load", bin_name = "cargo xtask load")]
struct Cli {
    #[command(flatten)]
    options: Options,
}

/// Step by step, until the goal is missed: that is what is to be found, and no failure.
#[tokio::main]
async fn main() -> Result<ExitCode, GooseError> {
    let options = Cli::parse().options;
    let (mut rate, mut steps) = (options.on_sale.unwrap_or(options.rate), Vec::new());
    for _ in 0..options.on_sale.map_or(options.steps, |_| 1) {
        let result = visit(&options, rate).await;
        if let Some((ticket, times)) = ordered().iter().find(|(_, times)| **times > 1) {
            println!("SOLD TWICE: {ticket} was ordered {times} times");
            return Ok(ExitCode::FAILURE);
        }
        let is_met = match result {
            Err(GooseError::ThresholdsFailed { .. }) => false,
            visited => visited.map(|_| true)?,
        };
        steps.push(format!("{rate} visitors/s: the goal is {}", if is_met { "met" } else { "missed" }));
        if !is_met {
            break;
        }
        rate += rate.div_ceil(2);
    }
    println!("\np99 of {} ms, {} % errors\n{}", options.p99_ms, options.errors_percent, steps.join("\n"));
    println!("{} orders, no ticket sold twice; reports in {REPORTS}", ordered().len());
    Ok(ExitCode::SUCCESS)
}

/// So many visitors per second, each once. Goose judges the goal.
async fn visit(options: &Options, rate: u32) -> Result<GooseMetrics, GooseError> {
    let mut config = GooseConfiguration::default();
    config.host.clone_from(&options.url);
    config.users = Some((rate * options.on_sale.map_or(options.seconds, |_| 1)) as usize);
    config.increase_rate = Some(rate.to_string());
    config.iterations = Some(1);
    config.threshold = vec![format!("p99<={}ms", options.p99_ms), format!("error-rate<={}%", options.errors_percent)];
    config.no_threshold_abort = true;
    config.report_file = vec![format!("{REPORTS}/{rate}.html")];
    let attack = GooseAttack::initialize_with_config(config)?.test_start(transaction!(stock));
    let scenario = |name, weight, transaction| Scenario::new(name).register_transaction(transaction).set_weight(weight);
    let attack = match options.on_sale {
        Some(_) => attack.register_scenario(scenario("rush", 1, transaction!(rush))?),
        None => attack
            .register_scenario(scenario("look", 90, transaction!(look))?)
            .register_scenario(scenario("buy", 8, transaction!(buy))?)
            .register_scenario(scenario("sell", 2, transaction!(sell))?),
    };
    attack.execute().await
}

/// Before the first visitor comes.
async fn stock(user: &mut GooseUser) -> TransactionResult {
    sign_up(user).await?;
    for number in 0..STOCK + ON_SALE {
        let ticket = offer(user, number).await?;
        if !ticket.starts_with("/tickets/") || ticket == "/tickets/new" {
            eprintln!(
                "error: nothing can be offered at {}: it does not answer, or its limits are reached",
                user.base_url
            );
            std::process::exit(1);
        }
        if number >= STOCK {
            tickets().push(ticket);
        }
    }
    Ok(())
}

async fn look(user: &mut GooseUser) -> TransactionResult {
    find(user).await.map(drop)
}

/// Signs up to buy, reserves what was found, pays, and looks at the order. Somebody else may be faster.
async fn buy(user: &mut GooseUser) -> TransactionResult {
    let Some(ticket) = find(user).await? else { return Ok(()) };
    sign_up(user).await?;
    if let Some(order) = reserve(user, &ticket).await? {
        submit(user, "pay", &format!("{order}/pay"), &[("token", "tok_visa")]).await?;
        page(user, "order", &order).await?;
        page(user, "orders", "/orders").await?;
    }
    Ok(())
}

async fn sell(user: &mut GooseUser) -> TransactionResult {
    sign_up(user).await?;
    for number in 0..OFFERS {
        offer(user, number).await?;
    }
    page(user, "selling", "/selling").await.map(drop)
}

/// Everybody signs up, waits until all have, and wants one of the same tickets at the same moment.
async fn rush(user: &mut GooseUser) -> TransactionResult {
    static ALL: OnceLock<Barrier> = OnceLock::new();
    let signed_up = sign_up(user).await;
    ALL.get_or_init(|| Barrier::new(user.config.users.unwrap_or(1))).wait().await;
    signed_up?;
    let ticket = tickets().choose(&mut rand::rng()).cloned();
    if let Some(ticket) = ticket {
        reserve(user, &ticket).await?;
    }
    Ok(())
}

/// The way of every visitor: what is on, a search, an event, one of its tickets. None when there is nothing left.
async fn find(user: &mut GooseUser) -> Asked<Option<String>> {
    let landing = page(user, "landing page", "/").await?;
    page(user, "search", &format!("/?q=act+{}", rand::random_range(0..30))).await?;
    let Some(event) = any_link(&landing, "/events/") else { return Ok(None) };
    let event = page(user, "event", &event).await?;
    let Some(ticket) = any_link(&event, "/tickets/") else { return Ok(None) };
    page(user, "ticket", &ticket).await?;
    Ok(Some(ticket))
}

async fn sign_up(user: &mut GooseUser) -> TransactionResult {
    page(user, "sign-up form", "/auth/signup").await?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let email = format!("visitor-{now}-{}@example.com", rand::random::<u32>());
    submit(user, "sign up", "/auth/signup", &[("email", &email), ("password", "correct horse")]).await.map(drop)
}

/// The path of the new ticket.
async fn offer(user: &mut GooseUser, number: usize) -> Asked<String> {
    let (title, venue) = (format!("Act {}", rand::random_range(0..30)), format!("Hall {}", number % 10));
    let fields = [("title", title.as_str()), ("price", "20.50"), ("venue", &venue), ("city", "Berlin")];
    submit(user, "sell", "/tickets/new", &fields).await
}

/// The path of the order, unless somebody else has the ticket.
async fn reserve(user: &mut GooseUser, ticket: &str) -> Asked<Option<String>> {
    let order = submit(user, "reserve", &format!("{ticket}/buy"), &[]).await?;
    if !order.starts_with("/orders/") {
        return Ok(None);
    }
    *ordered().entry(ticket.to_owned()).or_default() += 1;
    Ok(Some(order))
}

/// A page. That an event or a ticket is not there any more since its link was shown is no failure: somebody else was faster.
async fn page(user: &mut GooseUser, name: &str, path: &str) -> Asked<String> {
    let mut answered = user.get_named(path, name).await?;
    let Ok(response) = answered.response else { return Ok(String::new()) };
    if ["event", "ticket"].contains(&name) && response.status() == 404 {
        user.set_success(&mut answered.request)?;
    }
    Ok(response.text().await.unwrap_or_default())
}

/// Sends a form, and says where that led. That a ticket is somebody else's by now is no failure.
async fn submit(user: &mut GooseUser, name: &str, path: &str, fields: &[(&str, &str)]) -> Asked<String> {
    let form = user.get_request_builder(&GooseMethod::Post, path)?.form(fields);
    let request = GooseRequest::builder().set_request_builder(form).name(name).build();
    let mut answered = user.request(request).await?;
    let Ok(response) = answered.response else { return Ok(String::new()) };
    if name == "reserve" && [400, 404, 409].contains(&response.status().as_u16()) {
        user.set_success(&mut answered.request)?;
    }
    let path = response.url().path().to_owned();
    let _ = response.bytes().await;
    Ok(path)
}

/// One of the links to things of this kind.
fn any_link(html: &str, kind: &str) -> Option<String> {
    let links = html.match_indices(kind).filter_map(|(at, _)| html.get(at..at + kind.len() + 24));
    let links: Vec<&str> = links.filter(|link| link[kind.len()..].bytes().all(|it| it.is_ascii_hexdigit())).collect();
    links.choose(&mut rand::rng()).map(|link| (*link).to_owned())
}
