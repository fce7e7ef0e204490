use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use common::api::ProviderBody;

use crate::provider::Provider;

/// `GET /api/payments/provider`: who takes the money, and the key that a browser needs for it. Public: a page that asks for a card
/// shows it to everybody.
pub async fn provider(State(provider): State<Arc<dyn Provider>>) -> Json<ProviderBody> {
    Json(provider.shown())
}
