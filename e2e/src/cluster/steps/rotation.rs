use std::time::Duration;

use anyhow::{Result, ensure};
use futures::future::{join_all, try_join_all};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::cluster::disturbances::Disturbances;
use crate::cluster::kubectl;
use crate::cluster::platform::Platform;
use crate::cluster::report::{Verdict, say};
use crate::cluster::undo::Undo;
use crate::cluster::workloads::Workload;
use crate::person::Person;

const SECRET: &str = "jwt-secret";
const KEY: &str = "JWT_KEY";

/// Those that have the key.
const HOLDERS: [&str; 4] = ["auth", "tickets", "orders", "payments"];

/// Enough that somebody would notice.
const ORDERS_PER_SECOND: u32 = 5;

/// Longer than a replica that goes still answers: its `preStop`, and its drain.
const RENEWED_WITHIN: Duration = Duration::from_secs(30);

pub async fn run(platform: &Platform) -> Result<Verdict> {
    let old = kubectl::secret(SECRET, KEY).await?;
    let new = format!("{:032x}{:032x}", rand::random::<u128>(), rand::random::<u128>());
    let (site, users) = (platform.site().await?, platform.users().await?);
    let (visitor, absent) = (Person::sign_up(site).await, Person::sign_up(site).await);
    let mut disturbances = Disturbances::begin(platform, ORDERS_PER_SECOND).await?;
    let mut problems = Vec::new();

    let (old_first, new_first) = (format!("{old},{new}"), format!("{new},{old}"));
    roll_out("old,new", &old_first, &old, &platform.undo, &mut disturbances).await?;
    problems.extend(refusals(&visitor, "old,new").await);
    let people: Vec<&Person> = users.0.iter().chain([&visitor]).collect();
    let signed_with_old: Vec<String> = people.iter().map(|person| person.http.cookie()).collect();
    // From here on sessions are signed with the new key: to put back the old one alone would end them.
    roll_out("new,old", &new_first, &old_first, &platform.undo, &mut disturbances).await?;
    problems.extend(refusals(&visitor, "new,old").await);
    problems.extend(not_renewed(&people, &signed_with_old).await);
    roll_out("new", &new, &new_first, &platform.undo, &mut disturbances).await?;
    platform.undo.forget();
    problems.extend(refusals(&visitor, "new").await);

    let nobody = absent.http.get("/api/users/currentuser").await.expect(200).body["currentUser"].is_null();
    problems.extend((!nobody).then(|| "the old key still verifies".to_owned()));
    ensure!(absent.sign_in().await.status == 200, "nobody can sign in with the new key");
    problems.extend(refusals(&absent, "new, signed in again").await);
    let mut verdict = disturbances.end(platform, true).await?;
    verdict.problems.extend(problems);
    Ok(verdict)
}

/// Gives the holders other keys. Should it be interrupted, they are given back `safe`.
async fn roll_out(keys: &str, value: &str, safe: &str, undo: &Undo, disturbances: &mut Disturbances) -> Result<()> {
    say(&format!("{KEY} becomes {keys}"));
    let patch = |value: &str| json!({"stringData": {KEY: value}}).to_string();
    let arguments = ["patch", "secret", SECRET, "--patch-file=/dev/stdin"];
    undo.forget();
    undo.plan(&arguments, &patch(safe));
    let (workloads, began) = (try_join_all(HOLDERS.map(Workload::of_service)).await?, Instant::now());
    // After the Secret: pods that were started with keys of the way there go with them.
    workloads.iter().for_each(|workload| undo.plan(&["rollout", "restart", &workload.name], ""));
    kubectl::feed(&arguments, &patch(value)).await?;
    for workload in &workloads {
        workload.restart().await?;
    }
    for workload in &workloads {
        workload.wait_until_ready().await?;
    }
    disturbances.note(keys, began, true).await;
    Ok(())
}

/// Everybody visits; who goes on having the cookie of before was not given a new one. A first visit may still meet a replica
/// that is on its way out and signs with the old key.
async fn not_renewed(people: &[&Person], before: &[String]) -> Option<String> {
    let began = Instant::now();
    loop {
        join_all(people.iter().map(|person| person.http.get("/api/users/currentuser"))).await;
        let kept = people.iter().zip(before).filter(|(person, before)| person.http.cookie() == **before).count();
        if kept == 0 || began.elapsed() > RENEWED_WITHIN {
            return (kept > 0).then(|| format!("{kept} of {} sessions were not renewed", people.len()));
        }
        sleep(Duration::from_millis(500)).await;
    }
}

/// Which of the five services with an API or pages does not take somebody's session.
async fn refusals(person: &Person, keys: &str) -> Vec<String> {
    let page = person.http.get("/").await;
    let seller = Person::sign_up(&person.http).await;
    let order = person.order(seller.offer("Rotation", 1.0).await.expect(201).id()).await;
    let paid = order.status == 201 && person.pay(order.id(), "tok_visa").await.status == 201;
    let accepted = [
        ("auth", person.http.get("/api/users/currentuser").await.body["currentUser"].is_object()),
        ("client", page.message().contains("Sign Out")),
        ("tickets", person.offer("Rotation", 1.0).await.status == 201),
        ("orders", order.status == 201),
        ("payments", paid),
    ];
    let refused = accepted.iter().filter(|(_, accepted)| !accepted);
    refused.map(|(service, _)| format!("{service} does not take a session while {KEY} is {keys}")).collect()
}
