use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::future::{join_all, try_join_all};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::cluster::crowd::Crowd;
use crate::cluster::disturbances::Disturbances;
use crate::cluster::kubectl;
use crate::cluster::report::{Verdict, say};
use crate::cluster::undo::Undo;
use crate::cluster::workloads::Workload;
use crate::cluster::world::World;
use crate::person::{Person, id};

const SECRET: &str = "jwt-secret";
const KEY: &str = "JWT_KEY";

/// Those that have the key.
const HOLDERS: [&str; 4] = ["auth", "tickets", "orders", "payments"];

/// Enough that somebody would notice.
const ORDERS_PER_SECOND: u32 = 5;

/// Longer than a replica that goes still answers: its `preStop`, and its drain.
const RENEWED_WITHIN: Duration = Duration::from_secs(30);

pub async fn run(world: &World) -> Result<Verdict> {
    let old = kubectl::secret(SECRET).await?.remove(KEY).with_context(|| format!("{SECRET} has no {KEY}"))?;
    let new = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
    let (site, crowd) = (world.site().await?, world.crowd().await?);
    let (visitor, absent) = (Person::sign_up(site).await, Person::sign_up(site).await);
    let mut disturbances = Disturbances::begin(world, ORDERS_PER_SECOND).await?;
    let mut failures = Vec::new();

    let (old_first, new_first) = (format!("{old},{new}"), format!("{new},{old}"));
    roll_out("old,new", &old_first, &old, &world.undo, &mut disturbances).await?;
    failures.extend(refusals(&visitor, &crowd, "old,new").await);
    let people: Vec<&Person> = crowd.everybody().chain([&visitor]).collect();
    let signed_with_old: Vec<String> = people.iter().map(|person| person.cookie()).collect();
    // From here on sessions are signed with the new key: to put back the old one alone would end them.
    roll_out("new,old", &new_first, &old_first, &world.undo, &mut disturbances).await?;
    failures.extend(refusals(&visitor, &crowd, "new,old").await);
    failures.extend(not_renewed(&people, &signed_with_old).await);
    roll_out("new", &new, &new_first, &world.undo, &mut disturbances).await?;
    world.undo.forget_everything();
    failures.extend(refusals(&visitor, &crowd, "new").await);

    let nobody = absent.get("/api/users/currentuser").await.expect(200)["currentUser"].is_null();
    failures.extend((!nobody).then(|| "the old key still verifies".to_owned()));
    ensure!(absent.sign_in().await.status == 200, "nobody can sign in with the new key");
    failures.extend(refusals(&absent, &crowd, "new, signed in again").await);
    Ok(disturbances.end().await?.spotless_verdict(world).await?.with(failures))
}

/// Gives the holders other keys. Should it be interrupted, they are given back `safe`.
async fn roll_out(keys: &str, value: &str, safe: &str, undo: &Undo, disturbances: &mut Disturbances) -> Result<()> {
    say(&format!("{KEY} becomes {keys}"));
    let patch = |value: &str| json!({"stringData": {KEY: value}}).to_string();
    let arguments = ["patch", "secret", SECRET, "--patch-file=/dev/stdin"];
    undo.plan(SECRET, &arguments, &patch(safe));
    kubectl::feed(&arguments, &patch(value)).await?;
    let (workloads, began) = (try_join_all(HOLDERS.map(Workload::of_service)).await?, Instant::now());
    for workload in &workloads {
        // After the Secret: pods that were started with keys of the way there go with them.
        undo.plan(&workload.name, &["rollout", "restart", &workload.name], "");
        workload.restart().await?;
    }
    for workload in &workloads {
        workload.wait_until_ready().await?;
    }
    disturbances.note(keys, began).await;
    Ok(())
}

/// Everybody visits; who goes on having the cookie of before was not given a new one. A first visit may still meet a replica
/// that is on its way out and signs with the old key.
async fn not_renewed(people: &[&Person], before: &[String]) -> Option<String> {
    let began = Instant::now();
    loop {
        join_all(people.iter().map(|person| person.get("/api/users/currentuser"))).await;
        let kept = people.iter().zip(before).filter(|(person, before)| person.cookie() == **before).count();
        if kept == 0 || began.elapsed() > RENEWED_WITHIN {
            return (kept > 0).then(|| format!("{kept} of {} sessions were not renewed", people.len()));
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// Which of the five services with an API or pages does not take somebody's session.
async fn refusals(person: &Person, crowd: &Crowd, keys: &str) -> Vec<String> {
    let current = person.get("/api/users/currentuser").await;
    let page = person.get("/").await;
    let offered = person.post("/api/tickets", json!({"title": "Rotation", "price": 1})).await;
    let ticket = crowd.seller(0).offer("Rotation", 1.0).await;
    let order = person.order(&ticket).await;
    let paid = if order.status == 201 { person.pay(&id(&order.body), "tok_visa").await.status } else { 0 };
    let accepted = [
        ("auth", current.body["currentUser"].is_object()),
        ("client", page.body.as_str().is_some_and(|page| page.contains("Sign Out"))),
        ("tickets", offered.status == 201),
        ("orders", order.status == 201),
        ("payments", paid == 201),
    ];
    let refused = accepted.iter().filter(|(_, accepted)| !accepted);
    refused.map(|(service, _)| format!("{service} does not take a session while {KEY} is {keys}")).collect()
}
