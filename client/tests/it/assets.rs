use crate::app::TestApp;

#[tokio::test]
async fn the_stylesheet_of_a_page_may_be_kept_for_ever() {
    let app = TestApp::alone().await;
    let path = app.browser().get("/auth/signin").await.attribute("link[rel=stylesheet]", "href");
    let style = app.browser().get(&path).await.expect(200);
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(style.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(style.header("x-content-type-options"), "nosniff");
    assert!(style.html.contains("color-scheme"));
}

#[tokio::test]
async fn the_stylesheet_of_another_version_is_ours_and_not_kept() {
    let app = TestApp::alone().await;
    let style = app.browser().get("/assets/style.0123456789abcdef.css").await.expect(200);
    assert_eq!(style.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn scripts_and_the_icon_are_served_as_what_they_are() {
    let app = TestApp::alone().await;
    for (file, media_type) in [
        ("time-left.js", "text/javascript; charset=utf-8"),
        ("card-form.js", "text/javascript; charset=utf-8"),
        ("confirm-payment.js", "text/javascript; charset=utf-8"),
        ("stripe.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ] {
        let asset = app.browser().get(&format!("/assets/{file}")).await.expect(200);
        assert_eq!(asset.header("content-type"), media_type);
    }
}

#[tokio::test]
async fn there_is_no_other_asset() {
    let app = TestApp::alone().await;
    for file in ["nothing.css", "..%2fCargo.toml", "%ff"] {
        let page = app.browser().get(&format!("/assets/{file}")).await;
        assert!([400, 404].contains(&page.status), "{file}: {}", page.status);
    }
}

#[tokio::test]
async fn every_script_that_another_one_imports_is_there() {
    let app = TestApp::alone().await;
    for script in ["card-form.js", "confirm-payment.js", "live-list.js", "order-live.js"] {
        let text = app.browser().get(&format!("/assets/{script}")).await.expect(200).html;
        let imported = text.split_once("from \"./").unwrap().1.split_once('"').unwrap().0;
        assert!(app.browser().get(&format!("/assets/{imported}")).await.expect(200).html.contains("export "));
    }
}
