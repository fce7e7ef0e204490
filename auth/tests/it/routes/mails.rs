use mongodb::bson::doc;

use crate::app::TestApp;
use crate::mails::MAILBOX;

#[tokio::test]
async fn a_platform_on_one_machine_shows_its_mails_newest_first() {
    let auth = TestApp::start_with(&MAILBOX).await;
    for address in ["ann@example.com", "bob@example.com"] {
        auth.sign_up(address, "correct horse").await.expect(201);
        auth.read_mail(address, "Is this your address?").await;
    }
    let mails = auth.app.get(None, "/api/users/mails").await.expect(200).body;
    let shown: Vec<_> = mails.as_array().unwrap().iter().map(|mail| mail["to"].clone()).collect();
    assert_eq!(shown, ["bob@example.com", "ann@example.com"]);
    let mut fields: Vec<&String> = mails[0].as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(fields, ["id", "sentAt", "subject", "text", "to"]);
}

#[tokio::test]
async fn elsewhere_there_is_no_such_page() {
    let server = [("smtp-url", "smtp://127.0.0.1:1"), ("mail-from", "no-reply@ticketing.dev")];
    let site = ("public-url", "https://ticketing.dev");
    for settings in [vec![], vec![server[0], server[1], site, ("local-mailbox", "true")]] {
        let auth = TestApp::start_with(&settings).await;
        auth.sign_up("ann@example.com", "correct horse").await.expect(201);
        auth.app.get(None, "/api/users/mails").await.expect_errors(404, &[("Not found", None)]);
        assert_eq!(auth.db_mails(doc! {}).await.len(), 1, "it waits");
    }
}
