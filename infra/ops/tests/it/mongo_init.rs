//! `ops mongo init` against servers with a key file.

use infra_local::ports;
use mongodb::Database;
use mongodb::bson::{Document, doc};

use crate::command::{Outcome, Running, eventually, ops};
use crate::servers::{KeyFile, KeyedMongod};

const KEY: &str = "a0KeyOfTheTests+thatIsLongEnough/forEveryone";

async fn init(key: &KeyFile, members: &[&KeyedMongod], password: &str) -> Outcome {
    let members: Vec<String> = members.iter().map(|member| member.host()).collect();
    begin(key, &members.join(","), password).finish().await
}

fn begin(key: &KeyFile, members: &str, password: &str) -> Running {
    let keyfile = key.path();
    let who = "--user auth --database auth --within 100";
    let arguments = format!("mongo init --members {members} --keyfile {} {who}", keyfile.display());
    Running::begin(&arguments, &[("MONGO_PASSWORD", password)])
}

/// Whether a login works and the database can be used.
async fn write(database: &Database) -> mongodb::error::Result<()> {
    database.collection("users").insert_one(doc! { "email": "a@example.com" }).await.map(drop)
}

async fn state(member: &KeyedMongod) -> (Vec<String>, Option<String>) {
    let status = member.admin().await.run_command(doc! { "replSetGetStatus": 1 }).await.unwrap();
    let members: Vec<&Document> =
        status.get_array("members").unwrap().iter().map(|member| member.as_document().unwrap()).collect();
    let text = |member: &Document, field| member.get_str(field).unwrap().to_owned();
    let primary =
        members.iter().find(|member| text(member, "stateStr") == "PRIMARY").map(|member| text(member, "name"));
    (members.iter().map(|member| text(member, "name")).collect(), primary)
}

#[tokio::test]
async fn an_empty_server_becomes_a_set_with_a_user_and_a_second_run_changes_nothing() {
    let key = KeyFile::new(KEY);
    let mongod = KeyedMongod::start(&key).await;
    init(&key, &[&mongod], "first")
        .await
        .expect_success()
        .expect_line("replica set rs0 was initiated")
        .expect_line(&format!("{} is the primary, all members are well", mongod.host()))
        .expect_line("user auth of database auth was created");
    write(&mongod.open("auth", "first").await).await.unwrap();
    init(&key, &[&mongod], "first")
        .await
        .expect_success()
        .expect_line("replica set rs0 exists")
        .expect_line("user auth of database auth is as wanted")
        .expect_line("nothing was changed");
}

#[tokio::test]
async fn the_user_may_use_its_own_database_and_nothing_else() {
    let key = KeyFile::new(KEY);
    let mongod = KeyedMongod::start(&key).await;
    init(&key, &[&mongod], "secret").await.expect_success();
    let own = mongod.open("auth", "secret").await;
    write(&own).await.unwrap();
    let client = own.client();
    for database in ["orders", "admin", "local"] {
        let error = client.database(database).collection::<Document>("users").find_one(doc! {}).await.unwrap_err();
        assert!(error.to_string().contains("not authorized"), "{error}");
    }
    let error = client.database("admin").run_command(doc! { "replSetGetConfig": 1 }).await.unwrap_err();
    assert!(error.to_string().contains("not authorized"), "{error}");
}

#[tokio::test]
async fn another_password_takes_the_place_of_the_first_and_roles_are_put_right() {
    let key = KeyFile::new(KEY);
    let mongod = KeyedMongod::start(&key).await;
    init(&key, &[&mongod], "first").await.expect_success();
    init(&key, &[&mongod], "second")
        .await
        .expect_success()
        .expect_line("user auth of database auth has a new password");
    write(&mongod.open("auth", "second").await).await.unwrap();
    assert!(write(&mongod.open("auth", "first").await).await.is_err());

    let grant = doc! { "grantRolesToUser": "auth", "roles": [{ "role": "read", "db": "orders" }] };
    mongod.admin().await.client().database("auth").run_command(grant).await.unwrap();
    init(&key, &[&mongod], "second")
        .await
        .expect_success()
        .expect_line("user auth of database auth has its roles again");
    init(&key, &[&mongod], "second").await.expect_success().expect_line("nothing was changed");
}

#[tokio::test]
async fn the_users_role_is_enough_to_back_up_and_to_restore() {
    let key = KeyFile::new(KEY);
    let mongod = KeyedMongod::start(&key).await;
    init(&key, &[&mongod], "secret").await.expect_success();
    write(&mongod.open("auth", "secret").await).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let uri = mongod.uri("auth", "secret", "auth");
    let environment = [("MONGO_URI", uri.as_str()), ("BACKUP_DIR", folder.path().to_str().unwrap())];
    ops("mongo backup", &environment).await.expect_success();
    ops("mongo restore --replace", &environment).await.expect_success().expect_line("users: 1 documents, 1 indexes");
}

#[tokio::test]
async fn two_servers_that_start_late_are_waited_for_and_become_one_set() {
    let key = KeyFile::new(KEY);
    let ports = [ports::free().unwrap(), ports::free().unwrap()];
    let [one, other] = ports.map(|port| format!("127.0.0.1:{port}"));
    let init = begin(&key, &format!("{one},{other}"), "secret");
    init.says(&format!("waiting for {one}: Connection refused")).await;
    let first = KeyedMongod::start_on(ports[0], &key).await;
    init.says(&format!("waiting for {other}: Connection refused")).await;
    let _second = KeyedMongod::start_on(ports[1], &key).await;
    init.finish().await.expect_success().expect_line("replica set rs0 was initiated");
    assert_eq!(state(&first).await.0, [one, other]);
}

#[tokio::test]
async fn another_key_is_told_at_once() {
    let key = KeyFile::new(KEY);
    let mongod = KeyedMongod::start(&key).await;
    let other = KeyFile::new("anotherKey0thatNobodyElseHas");
    init(&other, &[&mongod], "secret").await.expect_failure(1, "does not take the key of the key file");
}

#[tokio::test]
async fn servers_of_two_sets_are_left_alone() {
    let key = KeyFile::new(KEY);
    let (one, other) = (KeyedMongod::start(&key).await, KeyedMongod::start(&key).await);
    init(&key, &[&one], "secret").await.expect_success();
    init(&key, &[&other], "secret").await.expect_success();
    init(&key, &[&one, &other], "secret").await.expect_failure(1, "the members belong to different replica sets");
    assert_eq!(state(&one).await.0, [one.host()]);
}

#[tokio::test]
async fn one_member_becomes_three_and_the_third_alone_remains_with_all_data() {
    let key = KeyFile::new(KEY);
    let first = KeyedMongod::start(&key).await;
    init(&key, &[&first], "secret").await.expect_success();
    write(&first.open("auth", "secret").await).await.unwrap();

    let (second, third) = (KeyedMongod::start(&key).await, KeyedMongod::start(&key).await);
    init(&key, &[&first, &second, &third], "secret")
        .await
        .expect_success()
        .expect_line(&format!("{} was added to the set", second.host()))
        .expect_line(&format!("{} was added to the set", third.host()))
        .expect_line("user auth of database auth is as wanted");
    let (members, primary) = state(&first).await;
    assert_eq!((members, primary), (vec![first.host(), second.host(), third.host()], Some(first.host())));
    init(&key, &[&first, &second, &third], "secret").await.expect_success().expect_line("nothing was changed");

    init(&key, &[&third], "secret")
        .await
        .expect_success()
        .expect_line(&format!("{} was removed from the set", second.host()))
        .expect_line(&format!("{}, which is to leave the set, is no longer its primary", first.host()))
        .expect_line(&format!("{} was removed from the set", first.host()));
    let (members, primary) = state(&third).await;
    assert_eq!((members, primary), (vec![third.host()], Some(third.host())));
    let users = third.open("auth", "secret").await.collection::<Document>("users");
    let count = eventually("the data is there", async || users.count_documents(doc! {}).await.ok()).await;
    assert_eq!(count, 1);
}
