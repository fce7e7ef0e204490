//! A browser's window: where it is, what can be read in it, and what is wrong with what it has shown.

mod act;
mod errors;
mod look;

use std::time::Duration;

use common::http_client;
use e2e::person::Person;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{WebDriver, WebElement};
use tokio::time::{Instant, sleep};

use super::device::Device;

/// Longer than any page takes on a loaded machine. Only a failing story waits so long.
pub const LIMIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(25);

/// A browser with one page, and a profile of its own.
pub struct Window {
    driver: WebDriver,
    site: String,
    device: Device,
    /// Removed with the window.
    _profile: TempDir,
}

impl Window {
    /// Opens a browser that has never been used.
    pub async fn open(driver: &str, site: &str, device: Device) -> Self {
        let profile = tempfile::Builder::new().prefix("ticketing-browser-").tempdir().unwrap();
        let capabilities = device.capabilities(profile.path().to_str().unwrap());
        let client = http_client::builder().timeout(LIMIT).build().unwrap();
        let driver = WebDriver::builder(driver, capabilities).client(client).await.unwrap();
        let window = Self { driver, site: site.to_owned(), device, _profile: profile };
        for command in window.device.settings() {
            window.command(command).await;
        }
        window
    }

    /// Goes to a path of the site, as if it were typed.
    pub async fn visit(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.site)).await.unwrap();
    }

    /// Goes back by the browser's button.
    pub async fn back(&self) {
        self.driver.back().await.unwrap();
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.driver.refresh().await.unwrap();
    }

    /// The path and query of the page.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap().to_string();
        url.strip_prefix(&self.site).unwrap_or(&url).to_owned()
    }

    /// Takes over somebody's session.
    pub async fn sign_in(&self, person: &Person) {
        self.sign_in_with(&person.http.cookie()).await;
    }

    /// Takes over the session of this cookie.
    pub async fn sign_in_with(&self, cookie: &str) {
        let (name, value) = cookie.split_once('=').unwrap();
        let cookie = json!({"url": self.site, "name": name, "value": value, "httpOnly": true, "sameSite": "Lax"});
        self.command(("Network.setCookie", cookie)).await;
    }

    /// Everything that can be read on the page.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body?.innerText ?? ''", vec![]).await;
        text.as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Waits until this text can be read, however its letters are written.
    pub async fn sees(&self, text: &str) {
        self.sees_within(LIMIT, text).await;
    }

    /// The same with a limit that is itself a promise.
    pub async fn sees_within(&self, limit: Duration, text: &str) {
        self.until(limit, &format!("“{text}” can be read"), async || self.shows(text).await.then_some(())).await;
    }

    /// Whether this text can be read now.
    pub async fn shows(&self, text: &str) -> bool {
        self.text().await.to_lowercase().contains(&text.to_lowercase())
    }

    /// Waits until the page's path begins like this.
    pub async fn is_at(&self, path: &str) {
        let what = format!("the page is {path}");
        self.until(LIMIT, &what, async || self.path().await.starts_with(path).then_some(())).await;
    }

    /// Waits until something is there; the failure says what can be read instead.
    pub async fn until<T>(&self, limit: Duration, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            if Instant::now() > deadline {
                self.picture("failed").await;
                panic!("never within {limit:?}: {what}; {} says: {}", self.path().await, self.text().await);
            }
            sleep(PAUSE).await;
        }
    }

    /// The visible elements that match a selector and have this name, as soon as there is one.
    pub async fn find(&self, css: &str, name: Option<&str>) -> Vec<WebElement> {
        let what = format!("there is {css} {}", name.unwrap_or_default());
        self.until(LIMIT, &what, async || Some(self.look_for(css, name).await).filter(|found| !found.is_empty())).await
    }

    /// The same as they are now.
    pub async fn look_for(&self, css: &str, name: Option<&str>) -> Vec<WebElement> {
        let found = self.driver.execute(include_str!("find.js"), vec![json!(css), json!(name)]).await;
        // A page that is just being replaced has nothing.
        found.and_then(|found| found.elements()).unwrap_or_default()
    }

    /// What a script of ours answers in the page. It runs without JavaScript as well, but waits for nothing there.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.driver.execute(script, arguments).await.unwrap().json().clone()
    }

    /// Sends a command of the DevTools protocol.
    async fn command(&self, (name, parameters): (&str, Value)) -> Value {
        self.driver.cdp().send_raw(name, parameters).await.unwrap()
    }
}

impl Drop for Window {
    /// A story that failed does not wait for its browser, which ends with chromedriver.
    fn drop(&mut self) {
        let _ = self.driver.clone().leak();
    }
}
