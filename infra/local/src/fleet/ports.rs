//! Which part of the platform listens where.

use anyhow::{Result, ensure};

use crate::ports;

/// The services, in the order of their ports.
pub const SERVICES: [&str; 6] = ["auth", "tickets", "orders", "payments", "expiration", "client"];

/// The ports of one fleet: one block when the edge's port is chosen, any free ones otherwise.
#[derive(Debug, Clone)]
pub struct Ports {
    /// The edge: the only one that a browser needs.
    pub edge: u16,
    /// The services' public APIs, in the order of [`SERVICES`].
    pub services: [u16; SERVICES.len()],
    /// Their `/healthz`, `/readyz` and `/metrics`, in the same order.
    pub admin: [u16; SERVICES.len()],
    /// Those of mongod, nats-server and redis-server; each takes any that is free if there are none.
    pub servers: Option<[u16; 3]>,
}

/// The last port of a block, counted from the edge's.
const LAST: u16 = 22;

impl Ports {
    /// Services at `edge` + 1 to + 6, admin at + 11 to + 16, servers at + 20 to + 22.
    pub fn block(edge: u16) -> Result<Self> {
        let room = edge.checked_add(LAST).is_some();
        ensure!(edge > 0 && room, "port {edge} is too high or 0: the platform needs it and the {LAST} ports after it");
        Ok(Self {
            edge,
            services: [1, 2, 3, 4, 5, 6].map(|offset| edge + offset),
            admin: [11, 12, 13, 14, 15, 16].map(|offset| edge + offset),
            servers: Some([20, 21, 22].map(|offset| edge + offset)),
        })
    }

    /// Ports that are free now, for a fleet beside others.
    pub fn any() -> Result<Self> {
        let six = || -> Result<_> {
            let free = ports::free;
            Ok([free()?, free()?, free()?, free()?, free()?, free()?])
        };
        Ok(Self { edge: ports::free()?, services: six()?, admin: six()?, servers: None })
    }

    /// Says which port is in use, if one is.
    pub fn ensure_free(&self) -> Result<()> {
        let servers = self.servers.into_iter().flatten().zip(["mongod", "nats-server", "redis-server"]);
        let named = std::iter::once((self.edge, "the edge"))
            .chain(self.services.iter().chain(&self.admin).copied().zip(SERVICES.iter().chain(&SERVICES).copied()))
            .chain(servers);
        for (port, user) in named {
            ensure!(
                ports::is_free(port),
                "port {port} is in use, but {user} needs it: choose another block with --port"
            );
        }
        Ok(())
    }

    /// The public port of a service.
    pub fn service(&self, name: &str) -> Option<u16> {
        position(name).map(|index| self.services[index])
    }

    /// The admin port of a service.
    pub fn admin(&self, name: &str) -> Option<u16> {
        position(name).map(|index| self.admin[index])
    }
}

fn position(name: &str) -> Option<usize> {
    SERVICES.iter().position(|service| *service == name)
}
