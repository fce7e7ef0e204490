//! Settings that are missing or malformed.

use crate::command::ops;

#[tokio::test]
async fn help_is_no_failure_and_shows_every_command() {
    for (arguments, words) in [
        ("--help", vec!["mongo", "stream", "reach"]),
        ("mongo --help", vec!["init", "backup", "restore"]),
        ("stream init --help", vec!["--topology", "STREAM_TOPOLOGY", "NATS_URL", "STREAM_REPLICAS"]),
        ("mongo restore --help", vec!["MONGO_URI", "BACKUP_DIR", "--replace", "latest"]),
    ] {
        let help = ops(arguments, &[]).await.expect_success().out;
        assert!(words.iter().all(|word| help.contains(word)), "{help}");
    }
}

#[tokio::test]
async fn a_setting_that_is_missing_or_cannot_be_used_is_named_and_the_code_is_64() {
    let nowhere = "nats://127.0.0.1:1";
    for (arguments, environment, words) in [
        ("", vec![], "Usage"),
        ("mongo backup", vec![], "--mongo-uri"),
        ("mongo backup", vec![("MONGO_URI", "mongodb://127.0.0.1/")], "MONGO_URI: it names no database"),
        ("mongo backup", vec![("MONGO_URI", "not a URI")], "MONGO_URI: "),
        ("mongo backup --backup-keep 0", vec![("MONGO_URI", "mongodb://127.0.0.1/auth")], "--backup-keep"),
        ("mongo init --members nobody --keyfile k --user u --database d", vec![("MONGO_PASSWORD", "p")], "HOST:PORT"),
        ("mongo init --members a:1,a:1 --keyfile k --user u --database d", vec![("MONGO_PASSWORD", "p")], "twice"),
        ("mongo init --members a:1 --keyfile /none --user u --database d", vec![("MONGO_PASSWORD", "p")], "/none"),
        ("stream init --topology /none", vec![("NATS_URL", nowhere)], "/none"),
        ("stream backup", vec![("NATS_URL", "nats://a b")], "NATS_URL"),
        ("reach here", vec![], "HOST:PORT"),
    ] {
        ops(arguments, &environment).await.expect_failure(64, words);
    }
}

#[tokio::test]
async fn a_secret_is_shown_by_no_message() {
    let uri = [("MONGO_URI", "mongodb://auth:hush@127.0.0.1:1/?replicaSet=rs0&w=")];
    assert!(!ops("mongo backup", &uri).await.to_string().contains("hush"));
    assert!(!ops("mongo backup --help", &uri).await.to_string().contains("hush"));
    let url = [("NATS_URL", "nats://ops:hush@a b")];
    assert!(!ops("stream backup", &url).await.to_string().contains("hush"));
}
