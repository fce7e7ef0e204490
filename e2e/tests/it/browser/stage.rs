//! Where a story is played: a platform, and the windows of the people in it.

use std::sync::{Arc, Mutex};

use common::id::Id;
use common::testing::HttpClient;
use e2e::person::Person;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::{DateTime, Document, doc};

use super::device::Device;
use super::driver::chromedriver;
use super::shared::Shared;
use super::window::Window;
use crate::platform::Platform;

/// Plays a story on the platform that all share. Afterwards no page may have written an error to its console, or have been kept from
/// something by its content security policy.
pub async fn play(story: impl AsyncFnOnce(&Stage)) {
    if let Some(driver) = chromedriver().await {
        let platform = Shared::platform().await;
        play_at(&driver, &platform, story).await;
    }
}

/// The same on a platform of the story's own, with these variables.
pub async fn play_with(variables: &[(&str, &str)], story: impl AsyncFnOnce(&Stage)) {
    if let Some(driver) = chromedriver().await {
        let platform = Platform::start(variables).await;
        play_at(&driver, &platform, story).await;
        platform.stop().await;
    }
}

async fn play_at(driver: &str, platform: &Platform, story: impl AsyncFnOnce(&Stage<'_>)) {
    let stage = Stage { platform, driver: driver.to_owned(), windows: Mutex::default() };
    story(&stage).await;
    let mut errors = Vec::new();
    for window in stage.windows.into_inner().unwrap() {
        errors.extend(window.close().await);
    }
    assert_eq!(errors, Vec::<String>::new());
}

/// A platform and the windows that show its pages.
pub struct Stage<'a> {
    /// The platform.
    pub platform: &'a Platform,
    driver: String,
    windows: Mutex<Vec<Arc<Window>>>,
}

impl Stage<'_> {
    /// The platform's API.
    pub fn site(&self) -> HttpClient {
        self.platform.site()
    }

    /// Moves an order's deadline in the database, where its page reads it.
    pub async fn set_time_left(&self, order: Id, seconds: i64) {
        let expires_at = DateTime::from_millis(DateTime::now().timestamp_millis() + seconds * 1000);
        let orders = self.platform.stores().await.orders.collection::<Document>("orders");
        let id: ObjectId = order.to_string().parse().unwrap();
        let changed = orders.update_one(doc! {"_id": id}, doc! {"$set": {"expiresAt": expires_at}}).await.unwrap();
        assert_eq!(changed.modified_count, 1);
    }

    /// Somebody's order of a new ticket that somebody else offers.
    pub async fn ordered(&self) -> (Person, Id) {
        let site = self.site();
        let (seller, buyer) = (Person::sign_up(&site).await, Person::sign_up(&site).await);
        let ticket = seller.offer("Nozze di Figaro", 85.0).await.expect(201).id();
        let order = buyer.order(ticket).await.expect(201).id();
        (buyer, order)
    }

    /// Opens a browser of somebody who is not signed in.
    pub async fn open(&self, device: Device) -> Arc<Window> {
        let window = Arc::new(Window::open(&self.driver, &self.platform.fleet.url(), device).await);
        self.windows.lock().unwrap().push(window.clone());
        window
    }
}
