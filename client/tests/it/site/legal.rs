use std::io::Write;

use crate::app::TestApp;

#[tokio::test]
async fn without_texts_of_the_operator_the_pages_say_that_this_is_a_demonstration() {
    let app = TestApp::alone().await;
    for (path, title) in [("/terms", "Terms"), ("/privacy", "Privacy")] {
        let page = app.browser().get(path).await.expect(200);
        assert_eq!(page.text("h1"), title);
        assert!(page.texts("main p")[0].starts_with("This is a demonstration"));
        assert!(page.texts("main li").len() > 2);
    }
    let request = app.browser().request(reqwest::Method::GET, "/terms").header("accept-language", "de");
    assert_eq!(app.browser().send(request).await.text("h1"), "Nutzungsbedingungen");
}

#[tokio::test]
async fn the_operator_sets_the_texts_by_files() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "# House rules\n\nBe kind <b>.\n\n- one\n- two\n").unwrap();
    let app = TestApp::alone_with(&[("terms-file", file.path().to_str().unwrap())]).await;
    let page = app.browser().get("/terms").await.expect(200);
    assert_eq!((page.text("h1"), page.text("title")), ("House rules".to_owned(), "House rules · Ticketing".to_owned()));
    assert_eq!(page.text("main p"), "Be kind <b>.");
    assert_eq!(page.texts("main li"), ["one", "two"]);
}
