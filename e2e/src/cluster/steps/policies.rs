use anyhow::{Context, Result};
use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::cluster::kubectl::{self, text};
use crate::cluster::platform::Platform;
use crate::cluster::report::{Verdict, print_table, row, say};

/// A service, the addresses that must answer it, and some of those that must not.
const PROBES: [[&str; 3]; 6] = [
    ["auth", "auth-mongo-srv:27017 nats-srv:4222", "tickets-mongo-srv:27017 tickets-srv:3000"],
    [
        "tickets",
        "tickets-mongo-srv:27017 nats-srv:4222",
        "payments-mongo-srv:27017 expiration-redis-srv:6379 orders-srv:3000",
    ],
    [
        "orders",
        "orders-mongo-srv:27017 nats-srv:4222",
        "tickets-mongo-srv:27017 expiration-redis-srv:6379 payments-srv:3000",
    ],
    ["payments", "payments-mongo-srv:27017 nats-srv:4222", "orders-mongo-srv:27017 auth-srv:3000"],
    ["expiration", "expiration-redis-srv:6379 nats-srv:4222", "orders-mongo-srv:27017 orders-srv:3000"],
    [
        "client",
        "auth-srv:3000 tickets-srv:3000 orders-srv:3000 payments-srv:3000",
        "nats-srv:4222 auth-mongo-srv:27017 expiration-redis-srv:6379",
    ],
];

/// Prints each address that answers. A policy takes a moment to know a new pod, so it waits for the first, which is allowed.
const SCRIPT: &str = r#"
answers() { timeout "$2" bash -c "</dev/tcp/${1/://}" 2>/dev/null; }
for attempt in {1..60}; do answers "$1" 1 && break; sleep 1; done
for address in "$@"; do answers "$address" 3 && echo "$address"; done
exit 0
"#;

pub async fn run(platform: &Platform) -> Result<Verdict> {
    let store = kubectl::get(&["statefulset", "tickets-mongo"]).await?;
    let image = text(&store, "/spec/template/spec/containers/0/image");
    say("a probe stands where each service stands");
    let results = try_join_all(PROBES.iter().map(|probe| answers(probe, &image, platform))).await?;
    let mut table = vec![row(["from", "what", "allowed", "answers"])];
    let (mut problems, mut open) = (Vec::new(), 0);
    for ([from, allowed, forbidden], answered) in PROBES.iter().zip(results) {
        for target in allowed.split(' ').chain(forbidden.split(' ')) {
            let (is_allowed, answers) =
                (allowed.split(' ').any(|it| it == target), answered.lines().any(|it| it == target));
            let word = |yes: bool| if yes { "yes" } else { "no" };
            table.push(row([*from, target, word(is_allowed), word(answers)]));
            open += usize::from(answers);
            let verb = if answers { "reaches" } else { "does not reach" };
            problems.extend((is_allowed != answers).then(|| format!("{from} {verb} {target}")));
        }
    }
    print_table(&table);
    Ok(Verdict::new(format!("{open} ways are open, {} are closed", table.len() - 1 - open), problems))
}

/// The addresses that answer a probe in a service's place, a line each.
async fn answers(probe: &[&str; 3], image: &str, platform: &Platform) -> Result<String> {
    let name = format!("reach-from-{}", probe[0]);
    kubectl::run(&["delete", "pod", &name, "--ignore-not-found"]).await?;
    platform.undo.plan(&["delete", "pod", &name, "--ignore-not-found"], "");
    kubectl::feed(&["create", "--filename=-"], &pod(&name, probe, image).to_string()).await?;
    let ended = ["wait", "pod", &name, "--for=jsonpath={.status.phase}=Succeeded", "--timeout=180s"];
    kubectl::run(&ended).await.with_context(|| format!("{name} has not ended"))?;
    kubectl::run(&["logs", &name]).await
}

/// A pod with the service's label, so that the policies take it for one, that never becomes an endpoint of the service.
fn pod(name: &str, [service, allowed, forbidden]: &[&str; 3], image: &str) -> Value {
    let targets = allowed.split(' ').chain(forbidden.split(' '));
    let command: Vec<&str> = ["bash", "-c", SCRIPT, "probe"].into_iter().chain(targets).collect();
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": service, "app.kubernetes.io/component": "probe"}},
        "spec": {
            "restartPolicy": "Never",
            "readinessGates": [{"conditionType": "ticketing.dev/never"}],
            "automountServiceAccountToken": false,
            "enableServiceLinks": false,
            "terminationGracePeriodSeconds": 1,
            "securityContext": {"runAsNonRoot": true, "runAsUser": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [{
                "name": "probe",
                "image": image,
                "command": command,
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
                "resources": {"limits": {"cpu": "200m", "memory": "32Mi"}},
            }],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::PROBES;

    #[test]
    fn what_is_forbidden_to_one_is_allowed_to_another_so_its_name_is_right() {
        for target in PROBES.iter().flat_map(|[_, _, forbidden]| forbidden.split(' ')) {
            assert!(PROBES.iter().any(|[_, allowed, _]| allowed.split(' ').any(|it| it == target)), "{target}");
        }
    }
}
