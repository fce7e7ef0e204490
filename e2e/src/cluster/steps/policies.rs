use anyhow::{Context, Result};
use futures::future::try_join_all;

use crate::cluster::kubectl::{self, text};
use crate::cluster::policy_probe::Probe;
use crate::cluster::report::{Table, Verdict, say};
use crate::cluster::world::World;

/// Who may call whom, and some of those whom nobody of that name may call.
const EDGES: [Probe; 6] = [
    Probe {
        from: "auth",
        allowed: &["auth-mongo-srv:27017"],
        forbidden: &["tickets-mongo-srv:27017", "nats-srv:4222", "tickets-srv:3000"],
    },
    Probe {
        from: "tickets",
        allowed: &["tickets-mongo-srv:27017", "nats-srv:4222"],
        forbidden: &["payments-mongo-srv:27017", "expiration-redis-srv:6379", "orders-srv:3000"],
    },
    Probe {
        from: "orders",
        allowed: &["orders-mongo-srv:27017", "nats-srv:4222"],
        forbidden: &["tickets-mongo-srv:27017", "expiration-redis-srv:6379", "payments-srv:3000"],
    },
    Probe {
        from: "payments",
        allowed: &["payments-mongo-srv:27017", "nats-srv:4222"],
        forbidden: &["orders-mongo-srv:27017", "auth-srv:3000"],
    },
    Probe {
        from: "expiration",
        allowed: &["expiration-redis-srv:6379", "nats-srv:4222"],
        forbidden: &["orders-mongo-srv:27017", "orders-srv:3000"],
    },
    Probe {
        from: "client",
        allowed: &["auth-srv:3000", "tickets-srv:3000", "orders-srv:3000", "payments-srv:3000"],
        forbidden: &["nats-srv:4222", "auth-mongo-srv:27017", "expiration-redis-srv:6379"],
    },
];

pub async fn run(world: &World) -> Result<Verdict> {
    let image = image().await?;
    say("a probe stands where each service stands");
    let results = try_join_all(EDGES.iter().map(|probe| probe.run(&image, &world.undo))).await?;
    let mut table = Table::new(&["from", "what", "allowed", "answers"]);
    let mut failures = Vec::new();
    let (mut open, mut closed) = (0, 0);
    for (probe, reached) in EDGES.iter().zip(results) {
        for ((target, allowed), answers) in probe.targets().zip(reached) {
            let word = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
            table.row([probe.from.to_owned(), target.to_owned(), word(allowed), word(answers)]);
            (open, closed) = (open + usize::from(answers), closed + usize::from(!answers));
            let verb = if answers { "reaches" } else { "does not reach" };
            failures.extend((allowed != answers).then(|| format!("{} {verb} {target}", probe.from)));
        }
    }
    table.print();
    Ok(Verdict::new(format!("{open} ways are open, {closed} are closed")).with(failures))
}

/// The image with `ops`, which the cluster has already.
async fn image() -> Result<String> {
    let backup = kubectl::get(&["cronjob", "tickets-mongo-backup"]).await?;
    let image = text(&backup, "/spec/jobTemplate/spec/template/spec/containers/0/image");
    Some(image).filter(|image| !image.is_empty()).context("there is no CronJob tickets-mongo-backup")
}

#[cfg(test)]
mod tests {
    use super::EDGES;

    #[test]
    fn what_is_forbidden_to_one_is_allowed_to_another_so_its_name_is_right() {
        for target in EDGES.iter().flat_map(|probe| probe.forbidden) {
            assert!(EDGES.iter().any(|probe| probe.allowed.contains(target)), "{target}");
        }
    }
}
