//! Which part of the platform listens where.

use anyhow::{Result, ensure};

use crate::ports::{free_block, is_free};

/// The services, in the order of their ports.
pub const SERVICES: [&str; 6] = ["auth", "tickets", "orders", "payments", "expiration", "client"];

const SERVERS: [&str; 3] = ["mongod", "nats-server", "redis-server"];
/// The last port of a block, counted from the edge's.
const LAST: u16 = 24;

/// The block of ports of one fleet: the edge's and the 24 after it.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// The edge: the only one that a browser needs.
    pub edge: u16,
}

impl Ports {
    /// The block that begins with the `edge`, or any that is free; the error says which port is in use, if one is.
    pub fn new(edge: Option<u16>) -> Result<Self> {
        let edge = edge.map_or_else(|| free_block(LAST + 1), Ok)?;
        let room = edge.checked_add(LAST).is_some();
        ensure!(edge > 0 && room, "port {edge} is too high or 0: the platform needs it and the {LAST} ports after it");
        let ports = Self { edge };
        let services = SERVICES.into_iter().flat_map(|name| [(ports.service(name), name), (ports.admin(name), name)]);
        let servers = ports.servers().into_iter().zip(SERVERS);
        for (port, user) in services.chain(servers).chain([(edge, "the edge")]) {
            ensure!(is_free(port), "port {port} is in use, but {user} needs it: choose another block with --port");
        }
        Ok(ports)
    }

    /// The public port of a service; for a name that is none, one on which nobody listens.
    pub fn service(self, name: &str) -> u16 {
        let offset = (1..).zip(SERVICES).find_map(|(offset, service)| (service == name).then_some(offset));
        self.edge + offset.unwrap_or(7)
    }

    /// The port of a service's `/healthz`, `/readyz` and `/metrics`.
    pub fn admin(self, name: &str) -> u16 {
        self.service(name) + 10
    }

    /// Those of mongod, nats-server and redis-server.
    pub fn servers(self) -> [u16; 3] {
        [20, 21, 22].map(|offset| self.edge + offset)
    }

    /// Those of Grafana and of the collector of traces, where a fleet is observed.
    pub fn observer(self) -> [u16; 2] {
        [23, 24].map(|offset| self.edge + offset)
    }
}
