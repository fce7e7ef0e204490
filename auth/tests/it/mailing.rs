use std::fs;
use std::time::Duration;

use common::testing::eventually;
use infra_local::ports;
use infra_local::process::Program;
use mongodb::bson::{Document, doc};

use crate::app::TestApp;
use crate::mails::{send_to, settings};
use crate::smtp::SmtpServer;

const PROGRAM: &str = env!("CARGO_BIN_EXE_auth");

async fn start(smtp: &SmtpServer) -> TestApp {
    TestApp::start_with(&settings(&smtp.url())).await
}

#[tokio::test]
async fn a_mail_says_who_it_is_from_and_that_nobody_wrote_it() {
    let smtp = SmtpServer::start().await;
    let auth = start(&smtp).await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    let mail = smtp.wait_for("ann@example.com", "Is this your address?").await;
    assert_eq!(mail.header("From"), "Ticketing <no-reply@ticketing.dev>");
    assert_eq!(mail.header("Auto-Submitted"), "auto-generated");
    assert!(mail.header("Message-ID").ends_with("@ticketing.dev>"));
    assert!(mail.text().contains("https://ticketing.dev/verify?token="), "{}", mail.text());
    for secret in ["correct horse", "argon2", "session"] {
        assert!(!mail.text().contains(secret), "{}", mail.text());
    }
}

#[tokio::test]
async fn every_mail_is_sent_once_however_many_replicas_run() {
    let smtp = SmtpServer::start().await;
    let auth = start(&smtp).await;
    let _others = [auth.replica().await, auth.replica().await];
    for number in 0..12 {
        auth.sign_up(&format!("ann{number}@example.com"), "correct horse").await.expect(201);
    }
    auth.db_all_mails_done().await;
    assert_eq!(smtp.received().len(), 12);
    assert_eq!(auth.db_mails(doc! {"sentAt": {"$exists": true}}).await.len(), 12);
}

#[tokio::test]
async fn while_the_server_is_away_mails_wait_and_they_are_sent_when_it_is_back() {
    let mut smtp = SmtpServer::start().await;
    let auth = start(&smtp).await;
    smtp.kill().await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    auth.db_mail_tried(1).await;
    auth.db_make_mails_due().await;
    auth.db_mail_tried(2).await;
    smtp.restart().await;
    auth.db_make_mails_due().await;
    let mail = smtp.wait_for("ann@example.com", "Is this your address?").await;
    auth.verify(&mail.token()).await.expect(200);
}

#[tokio::test]
async fn the_pauses_between_attempts_grow() {
    let mut smtp = SmtpServer::start().await;
    let auth = start(&smtp).await;
    smtp.kill().await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    let mut pauses = Vec::new();
    for tries in 1..=4 {
        let before = mongodb::bson::DateTime::now();
        let mail = auth.db_mail_tried(tries).await;
        let at = mail.get_document("next").unwrap().get_datetime("at").unwrap();
        pauses.push((at.timestamp_millis() - before.timestamp_millis()) / 1000);
        auth.db_make_mails_due().await;
    }
    assert!(pauses.windows(2).all(|pair| pair[0] + 10 < pair[1]), "{pauses:?}");
}

#[tokio::test]
async fn a_mail_that_the_server_refuses_for_now_is_sent_later_and_one_that_it_refuses_for_good_is_given_up() {
    let smtp = SmtpServer::start().await;
    let auth = start(&smtp).await;
    auth.sign_up("later-ann@example.com", "correct horse").await.expect(201);
    auth.sign_up("never-bob@example.com", "correct horse").await.expect(201);
    let given_up = eventually("the mail to Bob is given up", async || {
        auth.db_mails(doc! {"givenUp": {"$exists": true}}).await.pop()
    })
    .await;
    // The server's words hold the address.
    assert_eq!(given_up.get_str("givenUp").unwrap(), "the server's answer is 550");
    auth.db_mail_tried(1).await;
    auth.db_make_mails_due().await;
    smtp.wait_for("later-ann@example.com", "Is this your address?").await;
    auth.db_all_mails_done().await;
    assert_eq!(smtp.received().len(), 1);
}

#[tokio::test]
async fn a_refused_login_is_no_reason_to_give_a_mail_up() {
    let smtp = SmtpServer::start().await;
    let with = |password: &str| format!("smtp://tests:{password}@127.0.0.1:{}", smtp.port());
    let auth = TestApp::start_with(&settings(&with("wrong"))).await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    auth.db_mail_tried(1).await;
    // An operator mends it.
    let auth = auth.restart_with(send_to(&with("right"))).await;
    assert_eq!(auth.db_mails(doc! {"givenUp": {"$exists": true}}).await, []);
    auth.db_make_mails_due().await;
    smtp.wait_for("ann@example.com", "Is this your address?").await;
}

#[tokio::test]
async fn a_replica_that_dies_in_the_middle_of_sending_leaves_the_mail_to_another() {
    let mut smtp = SmtpServer::start().await;
    let auth = start(&smtp).await;
    let other = auth.replica().await;
    smtp.freeze();
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    auth.db_mail_tried(1).await;
    other.abort();
    let auth = auth.abort_and_start_again().await;
    smtp.kill().await;
    smtp.restart().await;
    auth.db_make_mails_due().await;
    let mail = smtp.wait_for("ann@example.com", "Is this your address?").await;
    auth.verify(&mail.token()).await.expect(200);
}

#[tokio::test]
async fn a_mail_that_could_not_be_sent_in_time_is_given_up() {
    let smtp = SmtpServer::start().await;
    let auth = TestApp::start().await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    auth.db_set_mails(doc! {"until": mongodb::bson::DateTime::from_millis(0)}).await;
    let auth = auth.restart_with(send_to(&smtp.url())).await;
    auth.db_all_mails_done().await;
    assert_eq!(auth.db_mails(doc! {"givenUp": "not sent in time"}).await.len(), 1);
    assert_eq!(smtp.received().len(), 0);
}

#[tokio::test]
async fn an_account_that_is_gone_gets_no_mail() {
    let smtp = SmtpServer::start().await;
    let auth = TestApp::start().await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    auth.database.collection::<Document>("users").delete_many(doc! {}).await.unwrap();
    let auth = auth.restart_with(send_to(&smtp.url())).await;
    auth.db_all_mails_done().await;
    assert_eq!(smtp.received().len(), 0);
}

#[tokio::test]
async fn what_waits_or_was_sent_holds_no_token_and_is_removed_in_the_end() {
    let smtp = SmtpServer::start().await;
    let auth = start(&smtp).await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    let token = smtp.wait_for("ann@example.com", "Is this").await.token();
    auth.db_all_mails_done().await;
    for mail in auth.db_mails(doc! {}).await {
        assert!(!mail.to_string().contains(&token) && !mail.to_string().contains("ann@"), "{mail}");
        assert!(mail.get_datetime("removeAt").unwrap().timestamp_millis() > 0, "{mail}");
    }
    let indexes = auth.database.collection::<Document>("mails").list_index_names().await.unwrap();
    assert!(indexes.contains(&"removal".to_owned()), "{indexes:?}");
}

/// The process with these settings, which ends at once.
async fn ends_with(settings: &[(&str, &str)]) -> (String, String) {
    let log = tempfile::NamedTempFile::new().unwrap();
    let program = Program::new("auth", PROGRAM)
        .environment("MONGO_URI", "mongodb://127.0.0.1:1/auth")
        .environment("NATS_URL", "nats://127.0.0.1:1")
        .environment("JWT_KEY", common::testing::JWT_KEY)
        .environment("LISTEN_ADDR", format!("127.0.0.1:{}", ports::free().unwrap()))
        .environment("ADMIN_ADDR", "127.0.0.1:0")
        .log_to(log.path());
    let program = settings.iter().fold(program, |program, (name, value)| program.environment(*name, *value));
    let mut process = program.spawn().unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(30), process.wait()).await.unwrap().unwrap();
    (ended.to_string(), fs::read_to_string(log.path()).unwrap())
}

#[tokio::test]
async fn settings_that_cannot_work_are_named_and_nothing_is_sent_in_the_clear() {
    let (url, from, site) = ("smtp://mail.example.com?tls=required", "no-reply@ticketing.dev", "https://t.dev");
    for (named, settings) in [
        ("SMTP_URL", [("SMTP_URL", "smtp://mail.example.com"), ("MAIL_FROM", from), ("PUBLIC_URL", site)]),
        ("SMTP_URL", [("SMTP_URL", "http://mail.example.com"), ("MAIL_FROM", from), ("PUBLIC_URL", site)]),
        ("SMTP_URL", [("SMTP_URL", "mail.example.com"), ("MAIL_FROM", from), ("PUBLIC_URL", site)]),
        ("MAIL_FROM", [("SMTP_URL", url), ("MAIL_FROM", ""), ("PUBLIC_URL", site)]),
        ("PUBLIC_URL", [("SMTP_URL", url), ("MAIL_FROM", from), ("PUBLIC_URL", "")]),
    ] {
        let (ended, said) = ends_with(&settings).await;
        assert_eq!(ended, "exit status 64", "{settings:?}: {said}");
        assert!(said.contains(&format!("auth: {named}: ")), "{settings:?}: {said}");
    }
}

#[tokio::test]
async fn mails_leave_by_tls_and_only_to_a_server_whose_certificate_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("tls.crt"), folder.path().join("tls.key"));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let smtp = SmtpServer::start_with(&[&certificate, &key]).await;
    let url = format!("smtp://localhost:{}?tls=required", smtp.port());
    let auth = TestApp::start_with(&settings(&url)).await;
    auth.sign_up("ann@example.com", "correct horse").await.expect(201);
    auth.db_mail_tried(1).await;
    assert_eq!(smtp.received().len(), 0);
    // A certificate is trusted by the environment of a process, so this takes a process of its own.
    let mut process = auth.spawn(
        Program::new("auth", PROGRAM)
            .environment("SMTP_URL", &url)
            .environment("MAIL_FROM", "no-reply@ticketing.dev")
            .environment("PUBLIC_URL", "https://ticketing.dev")
            .environment("SSL_CERT_FILE", certificate.to_string_lossy())
            .log_to(folder.path().join("log")),
    );
    let arrived = eventually("the process has sent it", async || {
        auth.db_make_mails_due().await;
        smtp.received_by("ann@example.com").pop()
    })
    .await;
    assert_eq!(arrived.header("Subject"), "Is this your address?");
    process.stop(Duration::from_secs(20)).await.unwrap();
}
