//! Stripe in miniature: a server of our own that speaks its wire format, because Stripe itself cannot be had.

mod intents;
mod refunds;
mod server;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, Method};
use common::id::Id;
use common::timestamp::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::app::TestApp;
use server::Stripe;

pub const KEY: &str = "sk_test_of_the_tests";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Create,
    Confirm,
    /// Reading one intent.
    Look,
    Capture,
    Cancel,
    /// Making a refund.
    Refund,
    /// A list of refunds or intents.
    List,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing was done, and no answer ever comes.
    NoAnswer,
    /// 500, and nothing was done. Under the same key it is answered again.
    Broken,
    /// 503, and nothing was done.
    Unavailable,
    /// 429, and nothing was done.
    TooMany,
    /// 403: the key is a restricted one, and nothing was done.
    Forbidden,
    /// 409: an earlier call is still under way, and nothing was done.
    Conflict,
    /// 402: the bank declines, and nothing was done.
    Declined,
    /// It was done at once, and the answer takes so long.
    Late(Duration),
    /// It is done after so long, whether or not somebody still waits for the answer.
    DoneLate(Duration),
    /// It was done, and the connection breaks off in an answer that cannot be read.
    DoneButUnanswered,
    /// It was done, and the answer says so in very many bytes.
    DoneAtLength,
    /// It was done, and the answer has another value in a field.
    DoneOtherwise(&'static str, &'static str),
    /// It was done, and Stripe says 500, now and whenever it is asked under this key.
    DoneButBroken,
}

/// A call as it came.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    /// The fields of the form, or of the query.
    pub form: HashMap<String, String>,
}

pub struct StripeDouble {
    pub url: String,
    stripe: Arc<Mutex<Stripe>>,
    server: AbortHandle,
}

impl Drop for StripeDouble {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl StripeDouble {
    pub async fn start() -> Self {
        let stripe = Arc::<Mutex<Stripe>>::default();
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let router = Router::new().fallback(server::answer).with_state(stripe.clone());
        let server = tokio::spawn(async move { axum::serve(socket, router).await.unwrap() }).abort_handle();
        Self { url, stripe, server }
    }

    /// The payments service with this as its provider.
    pub async fn payments(&self) -> TestApp {
        self.payments_with(&[]).await
    }

    /// The same with more settings: `("stripe-timeout-ms", "200")`.
    pub async fn payments_with(&self, more: &[(&str, &str)]) -> TestApp {
        TestApp::start_with(&[&self.flags()[..], more].concat()).await
    }

    /// The settings that lead to this double.
    pub fn flags(&self) -> [(&'static str, &str); 3] {
        [("payment-provider", "stripe"), ("stripe-key", KEY), ("stripe-api-base", &self.url)]
    }

    /// Lets so many of the next calls of this operation go wrong.
    pub fn fail_next(&self, operation: Operation, fault: Fault, calls: usize) {
        self.lock().faults.extend(std::iter::repeat_n((operation, fault), calls));
    }

    /// Ends all faults.
    pub fn heal(&self) {
        self.lock().faults.clear();
    }

    /// A day passes: Stripe forgets every idempotency key.
    pub fn forget_keys(&self) {
        self.lock().answered.clear();
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// The calls of one operation so far.
    pub fn calls_of(&self, operation: Operation) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.operation() == Some(operation)).collect()
    }

    /// Status and cents of every intent, in the order of their creation.
    pub fn intents(&self) -> Vec<(String, i64)> {
        self.lock().intents.iter().map(|intent| (intent.status.to_owned(), intent.cents)).collect()
    }

    /// The status of the intent with this id.
    pub fn status(&self, intent: &str) -> String {
        self.lock().intent(intent).expect("it is there").status.to_owned()
    }

    /// How many intents hold money that is neither taken nor released.
    pub fn holds(&self) -> usize {
        self.lock().intents.iter().filter(|intent| intent.status == "requires_capture").count()
    }

    /// Status of every refund, in the order of their creation.
    pub fn refunds(&self) -> Vec<String> {
        self.lock().refunds.iter().map(|refund| refund.status.to_owned()).collect()
    }

    /// The status that refunds begin with: `pending`, `succeeded` or `failed`.
    pub fn refunds_begin(&self, status: &'static str) {
        self.lock().new_refund = status;
    }

    /// Pending refunds end with this status.
    pub fn settle_refunds(&self, status: &'static str) {
        self.lock().settle_refunds(status);
    }

    /// The intent of a payment of an earlier version, which created and confirmed it in one call.
    pub fn intent_of_before(&self, order_id: Id, payment_id: Id, status: &'static str) {
        let (order_id, payment_id) = (order_id.to_string(), payment_id.to_string());
        let form = [("amount", "1250"), ("metadata[order_id]", &order_id), ("metadata[payment_id]", &payment_id)];
        let mut stripe = self.lock();
        stripe.create(&form.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        stripe.intents.last_mut().expect("it is there").status = status;
    }

    /// The buyer confirms in the page of their bank, or refuses to, with the secret of an intent, as Stripe's script does. The answer
    /// is the intent's status then.
    pub fn confirm_as_buyer(&self, client_secret: &str, confirms: bool) -> String {
        self.lock().confirm_as_buyer(client_secret, confirms).to_owned()
    }

    /// The intent gets this status, by something that happens at Stripe or at the bank.
    pub fn db_set_status(&self, intent: &str, status: &'static str) {
        self.lock().intent(intent).expect("it is there").status = status;
    }

    fn lock(&self) -> MutexGuard<'_, Stripe> {
        self.stripe.lock().unwrap()
    }
}

/// The header `Stripe-Signature` of a webhook.
pub fn sign(secret: &str, body: &[u8], at: Timestamp) -> String {
    let seconds = at.millis() / 1000;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
}
