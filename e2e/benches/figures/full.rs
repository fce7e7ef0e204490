//! The same with full stores: what was sold long ago must cost nothing, and a deep page what the first does.

use std::time::{Duration, Instant};

use common::api::SessionBody;
use common::id::Id;
use common::testing::{HttpClient, User};
use common::timestamp::Timestamp;
use reqwest::Method;
use reqwest::header::COOKIE;

use crate::events::journey;
use crate::market::Market;
use crate::table::Line;

/// Orders of each ticket.
const ORDERS_OF_EACH: u32 = 5;

/// Entries of a page on the way to a deep one.
const STEP: &str = "limit=200";

/// The buyers of very many orders and of ten.
pub struct Buyers {
    often: User,
    seldom: User,
}

/// Fills the stores with so many orders.
pub async fn fill(market: &Market, orders: u32) -> Buyers {
    // Services that have no order yet request the state of all of them, and would get the million.
    journey(market, &User::new()).await;
    market.settle().await;
    let began = Instant::now();
    let [often, seldom] = [(); 2].map(|()| Id::generate());
    market.fill(orders / ORDERS_OF_EACH, ORDERS_OF_EACH, often, seldom).await;
    let (tickets, seconds) = (orders / ORDERS_OF_EACH, began.elapsed().as_secs_f32());
    println!("{orders} orders of {tickets} tickets stored in {seconds:.0} s, {} orders of one buyer", orders / 100);
    let user = |id: Id| {
        let iat = Timestamp::now().millis() / 1000;
        User::with_session(&SessionBody { id, email: format!("{id}@example.com"), iat, verified: true })
    };
    Buyers { often: user(often), seldom: user(seldom) }
}

/// First and deep pages, and those of two buyers.
pub async fn pages(market: &Market, buyers: Buyers) -> Vec<Line> {
    let compare = async |what: &str, service, first: &str, other: &str, users: [&User; 2]| {
        let [first, other] = [
            from_the_database(market, service, first, users[0]).await,
            from_the_database(market, service, other, users[1]).await,
        ];
        let ratio = other.as_secs_f64() / first.as_secs_f64();
        let millis = |time: Duration| time.as_secs_f64() * 1000.0;
        let measured = format!("median {:.1} ms; {:.1} ms: {ratio:.2} times as long", millis(first), millis(other));
        Line { what: what.to_owned(), measured, goal: "the same", ..Line::default() }
    };
    let [often, seldom] = [&buyers.often, &buyers.seldom];
    let mut lines = Vec::new();
    for (what, service, path, user, steps) in [
        ("list: first page; a deep one", "tickets", "/api/tickets?limit=100", often, 400),
        ("list, newest first: first page; a deep one", "tickets", "/api/tickets?limit=100&sort=newest", often, 400),
        ("list, cheapest first: first page; a deep one", "tickets", "/api/tickets?limit=100&sort=price", often, 400),
        ("events: first page; a deep one", "tickets", "/api/tickets/events?limit=100", often, 30),
        ("orders of the buyer of very many: first page; a deep one", "orders", "/api/orders?limit=100", often, 40),
    ] {
        let deep = deep(market, service, path, user, steps).await;
        lines.push(compare(what, service, path, &deep, [user, user]).await);
    }
    let path = "/api/orders?limit=10";
    lines.push(
        compare("ten orders: of a buyer of ten; of one of very many", "orders", path, path, [seldom, often]).await,
    );
    lines
}

/// The median time of a page. One of a hundred has another length each time, because the same is answered from memory for a second.
async fn from_the_database(market: &Market, service: &str, path: &str, user: &User) -> Duration {
    let site = HttpClient::new(&market.fleet.service_url(service));
    let mut times = Vec::new();
    for length in 51..=100 {
        let path = path.replace("limit=100", &format!("limit={length}"));
        let asked = Instant::now();
        site.send(site.request(Method::GET, &path).header(COOKIE, &user.cookie)).await.expect(200);
        times.push(asked.elapsed());
    }
    times.sort();
    times[times.len() / 2]
}

/// Follows the links to the next page.
async fn deep(market: &Market, service: &str, path: &str, user: &User, steps: usize) -> String {
    let site = HttpClient::new(&market.fleet.service_url(service));
    let mut path = path.replace("limit=100", STEP);
    for _ in 0..steps {
        let answer = site.send(site.request(Method::GET, &path).header(COOKIE, &user.cookie)).await.expect(200);
        let Some((next, _)) = answer.header("link").strip_prefix('<').and_then(|link| link.split_once('>')) else {
            break;
        };
        path = next.to_owned();
    }
    path.replace(STEP, "limit=100")
}
