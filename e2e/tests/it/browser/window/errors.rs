//! What went wrong in the pages of a window.

use std::sync::Arc;

use thirtyfour::BrowserLogEntry;

use super::Window;

impl Window {
    /// Ends the browser, and returns what went wrong in it.
    pub async fn close(self: Arc<Self>) -> Vec<String> {
        let errors = self.errors().await;
        // A clone is the same session.
        self.driver.clone().quit().await.unwrap();
        errors
    }

    /// The errors in the console since the last call: of scripts, of what could not be loaded, and of the content security policy.
    pub async fn errors(&self) -> Vec<String> {
        let log = self.driver.browser_log().await.unwrap();
        let errors = log.into_iter().filter(|entry| entry.level == "SEVERE" && !self.is_refused_page(entry));
        errors.map(|entry| entry.message).collect()
    }

    /// A page that says what was refused, or that something is not found: the browser logs its status as an error.
    fn is_refused_page(&self, entry: &BrowserLogEntry) -> bool {
        let path = entry.message.strip_prefix(&self.site).unwrap_or_default();
        entry.source.as_deref() == Some("network")
            && path.contains("the server responded with a status of")
            && !["/assets/", "/api/"].iter().any(|part| path.starts_with(part))
    }
}
