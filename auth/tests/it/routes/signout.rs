use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn signing_out_takes_the_cookie_away() {
    let auth = TestApp::start().await;
    let answer = auth.app.post(None, "/api/users/signout", json!({})).await.expect(200);
    assert_eq!(answer.body, json!({}));
    assert_eq!(answer.header("set-cookie"), "session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
}
