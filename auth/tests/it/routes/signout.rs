use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn signing_out_clears_the_cookie_in_the_originals_form() {
    let auth = TestApp::start().await;
    let answer = auth.app.post(None, "/api/users/signout", json!({})).await.expect(200);
    assert_eq!(answer.body, json!({}));
    assert_eq!(
        answer.header("set-cookie"),
        "session=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly"
    );
}
