use std::process::Command;

use crate::app::TestApp;

#[tokio::test]
async fn the_client_is_ready_while_every_service_is_unavailable() {
    let app = TestApp::alone().await;
    app.client.readiness().await.expect(200);
    app.client.stop().await.unwrap();
}

#[test]
fn a_malformed_address_of_a_service_is_named_with_exit_code_64() {
    let output = Command::new(env!("CARGO_BIN_EXE_client")).env("ORDERS_URL", "orders-srv").output().unwrap();
    assert_eq!(output.status.code(), Some(64));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("orders-srv") && said.contains("--orders-url"), "{said}");
}
