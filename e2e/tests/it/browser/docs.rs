//! The documentation of the API.

use super::device::DESKTOP;
use super::stage::play;

#[tokio::test]
async fn the_calls_of_the_api_are_shown_with_nothing_from_elsewhere() {
    play(async |stage| {
        let window = stage.open(DESKTOP).await;
        window.visit("/docs").await;
        for text in ["/api/users/signup", "/api/tickets/{id}", "/api/orders", "/api/payments", "Reserves a ticket"] {
            window.sees(text).await;
        }
    })
    .await;
}
