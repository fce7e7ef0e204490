use std::fs;
use std::time::Duration;

use common::testing::{self, eventually};
use futures::future::join_all;
use mongodb::bson::{Document, doc};
use serde_json::json;

use crate::process::Running;
use crate::routes::signin::NODE_HASH;

/// A process of its own: memory and counters are the process's.
async fn start(mongo_uri: &str) -> Running {
    Running::start(mongo_uri, &[("CREDENTIALS_PER_MINUTE", "100000")]).await
}

impl Running {
    async fn ask(&self, path: &str, email: &str, password: &str) -> u16 {
        self.api.new_visitor().post(path, json!({"email": email, "password": password})).await.status
    }

    /// How many hashes were computed, of argon2id and of scrypt.
    async fn hashes(&self) -> [u64; 2] {
        let metrics = self.admin.get("/metrics").await.expect(200).message().to_owned();
        ["argon2id", "scrypt"].map(|form| {
            let counter = format!("password_hashes_total{{form=\"{form}\"}} ");
            metrics.lines().find_map(|line| line.strip_prefix(&counter)).map_or(0, |count| count.parse().unwrap())
        })
    }

    /// What the system says of the process's memory.
    #[cfg(target_os = "linux")]
    fn bytes(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.pid().as_raw_nonzero())).unwrap();
        let kib = status.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB")).unwrap();
        1024 * kib.parse::<u64>().unwrap()
    }
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_take_the_same_work_whatever_the_account() {
    let [ours, with_legacy] = [testing::new_database().await, testing::new_database().await];
    let users = testing::open_database(&with_legacy).await.collection::<Document>("users");
    users.insert_one(doc! {"email": "node@example.com", "password": NODE_HASH}).await.unwrap();
    for (mongo_uri, of_legacy) in [(ours, 0), (with_legacy, 1)] {
        let auth = start(&mongo_uri).await;
        assert_eq!(auth.ask("/api/users/signup", "ann@example.com", "correct horse").await, 201);
        let mut attempts = vec![
            ("nobody@example.com", "wrong horse", 400),
            ("ann@example.com", "wrong horse", 400),
            ("ann@example.com", "correct horse", 200),
        ];
        if of_legacy == 1 {
            attempts.extend([
                ("node@example.com", "wrong horse", 400),
                ("node@example.com", " wrong horse ", 400),
                ("node@example.com", "correct horse", 200),
                ("node@example.com", "correct horse", 200),
            ]);
        }
        for (email, password, status) in attempts {
            let [argon, scrypt] = auth.hashes().await;
            assert_eq!(auth.ask("/api/users/signin", email, password).await, status);
            assert_eq!(auth.hashes().await, [argon + 1, scrypt + of_legacy], "{email} {password}");
        }
        auth.stop_within(Duration::from_secs(10)).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn after_hundreds_of_sign_ups_and_sign_ins_the_process_has_less_than_80_mb() {
    const AT_A_TIME: usize = 25;
    let auth = start(&testing::new_database().await).await;
    for batch in 0..8 {
        let emails: Vec<_> = (0..AT_A_TIME).map(|number| format!("person-{batch}-{number}@example.com")).collect();
        for (path, status) in [("/api/users/signup", 201), ("/api/users/signin", 200)] {
            // A busy machine may be too slow for all of them at the first time.
            let ask = |email: &String| {
                let (auth, email) = (&auth, email.clone());
                async move {
                    let answered = async || Some(auth.ask(path, &email, "correct horse").await).filter(|it| *it != 503);
                    eventually("it is not too busy", answered).await
                }
            };
            let answers = join_all(emails.iter().map(ask)).await;
            assert_eq!(answers, [status; AT_A_TIME], "{path}");
        }
    }
    // A debug build has three times as many pages of its program as a release build; of what is allocated there are as many.
    let allocated = auth.bytes("VmHWM:") - auth.bytes("RssFile:");
    assert!(allocated < 60_000_000, "{allocated}");
    let at_rest = async || (auth.bytes("RssAnon:") < 20_000_000).then_some(());
    eventually("the memory for hashes is given back", at_rest).await;
    assert!(auth.bytes("VmRSS:") < 80_000_000);
    auth.stop_within(Duration::from_secs(10)).await;
}
