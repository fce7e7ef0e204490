use clap::Parser;
use client::config::Config;
use common::error::StartError;
use common::events::TicketUpdated;
use common::service::Service;
use common::testing::{self, App, Stream, User};
use infra_local::Nats;

use crate::browser::Browser;

/// Where nothing listens.
pub const NOWHERE: &str = "http://127.0.0.1:1";

/// The client over some of the services; the others are unavailable.
pub struct TestApp {
    pub client: App,
    services: Vec<App>,
    nats: Option<Nats>,
}

impl TestApp {
    /// No service at all.
    pub async fn alone() -> Self {
        Self::alone_with(&[]).await
    }

    /// No service, with these settings of the client.
    pub async fn alone_with(flags: &[(&str, &str)]) -> Self {
        Self { client: client(flags).await, services: Vec::new(), nats: None }
    }

    /// Only accounts.
    pub async fn with_auth() -> Self {
        Self::with_auth_flags(&[]).await
    }

    /// Only accounts, with these settings of the auth service.
    pub async fn with_auth_flags(flags: &[(&str, &str)]) -> Self {
        let nats = testing::new_nats().await;
        let auth = start_auth(&nats, flags).await;
        Self { client: client(&[("auth-url", &auth.url)]).await, services: vec![auth], nats: Some(nats) }
    }

    /// Every service that pages are made of.
    pub async fn whole() -> Self {
        Self::whole_with(&[], &[]).await
    }

    /// Every service, with these settings of the orders service and of the client.
    pub async fn whole_with(orders_flags: &[(&str, &str)], client_flags: &[(&str, &str)]) -> Self {
        Self::whole_run_by("", orders_flags, client_flags).await
    }

    /// Every service, with an operator.
    pub async fn whole_with_operator(operator: &User) -> Self {
        Self::whole_run_by(&operator.id.to_string(), &[], &[]).await
    }

    async fn whole_run_by(admin_ids: &str, orders_flags: &[(&str, &str)], client_flags: &[(&str, &str)]) -> Self {
        let nats = testing::new_nats().await;
        let auth = start_auth(&nats, &[]).await;
        let admins = ("admin-ids", admin_ids);
        let tickets = start(&nats, &[admins], tickets::build).await;
        let orders_flags = [orders_flags, &[admins]].concat();
        let orders = start(&nats, &orders_flags, orders::build).await;
        let payments = start(&nats, &[admins], payments::build).await;
        let mut flags = vec![
            ("auth-url", auth.url.as_str()),
            ("tickets-url", &tickets.url),
            ("orders-url", &orders.url),
            ("payments-url", &payments.url),
            admins,
        ];
        flags.retain(|(name, _)| client_flags.iter().all(|(other, _)| other != name));
        flags.extend(client_flags);
        let client = client(&flags).await;
        Self { client, services: vec![auth, tickets, orders, payments], nats: Some(nats) }
    }

    pub fn browser(&self) -> Browser {
        Browser::new(&self.client)
    }

    /// A browser in which this user is signed in.
    pub fn browser_of(&self, user: &User) -> Browser {
        Browser::with_session(&self.client, &user.cookie)
    }

    /// Visitors who have signed up under these names.
    pub async fn visitors<const N: usize>(&self, names: [&str; N]) -> [Browser; N] {
        let visitors = names.map(|_| self.browser());
        for (visitor, name) in visitors.iter().zip(names) {
            visitor.sign_up(name).await;
        }
        visitors
    }

    /// Waits until a ticket was changed and orders has handled it.
    pub async fn orders_knows_of_the_change(&self) {
        let stream = Stream::open(self.nats.as_ref().unwrap()).await;
        stream.wait_for(1, |_: &TicketUpdated| true).await;
        stream.wait_until_handled("orders").await;
    }

    /// Ends every service but the client.
    pub async fn stop_services(&mut self) {
        for service in self.services.drain(..) {
            service.stop().await.unwrap();
        }
    }
}

async fn start<C: Parser>(
    nats: &Nats,
    flags: &[(&str, &str)],
    build: impl AsyncFnOnce(C) -> Result<Service, StartError>,
) -> App {
    let uri = testing::new_database().await;
    let nats_url = nats.url();
    let mut all = vec![("mongo-uri", uri.as_str()), ("nats-url", &nats_url), ("jwt-key", testing::JWT_KEY)];
    all.extend(flags);
    App::start(build(testing::config(&all)).await.unwrap()).await
}

async fn start_auth(nats: &Nats, flags: &[(&str, &str)]) -> App {
    let (uri, nats_url) = (testing::new_database().await, nats.url());
    let mut all = vec![("mongo-uri", uri.as_str()), ("nats-url", &nats_url), ("jwt-key", testing::JWT_KEY)];
    all.retain(|(name, _)| flags.iter().all(|(other, _)| other != name));
    all.extend(flags);
    App::start(auth::build(testing::config(&all)).await.unwrap()).await
}

async fn client(flags: &[(&str, &str)]) -> App {
    let mut all =
        vec![("auth-url", NOWHERE), ("tickets-url", NOWHERE), ("orders-url", NOWHERE), ("payments-url", NOWHERE)];
    all.retain(|(name, _)| flags.iter().all(|(other, _)| other != name));
    all.extend(flags);
    App::start(client::build(testing::config::<Config>(&all)).await.unwrap()).await
}
