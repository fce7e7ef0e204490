//! What a visitor does with a page: only what real input does.

use serde_json::json;
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::{By, WebElement};

use super::{LIMIT, Window};

/// What is pressed.
const CONTROLS: &str = "a[href], button, summary, [role=button], input[type=submit]";

/// Fields whose text the browser does not take letter by letter.
const NOT_TYPED: [&str; 5] = ["date", "time", "datetime-local", "month", "range"];

/// The button of the form that is posted to this path.
fn button_of(action: &str) -> String {
    format!("form[method=post][action='{action}'] button:not([type=button])")
}

impl Window {
    /// Presses the link or button of this name.
    pub async fn press(&self, name: &str) {
        self.click(CONTROLS, Some(name)).await;
    }

    /// Presses the button of the form that is posted to this path.
    pub async fn submit(&self, action: &str) {
        self.click(&button_of(action), None).await;
    }

    /// Presses it twice, as fast as a hand does.
    pub async fn submit_twice(&self, action: &str) {
        let button = self.button(action).await;
        button.scroll_into_view().await.unwrap();
        self.driver.action_chain().double_click_element(&button).perform().await.unwrap();
    }

    /// The button of the form that is posted to this path.
    pub async fn button(&self, action: &str) -> WebElement {
        self.first(&button_of(action), None).await
    }

    /// Whether there is a form that is posted to this path.
    pub async fn offers(&self, action: &str) -> bool {
        !self.look_for(&format!("form[method=post][action='{action}']"), None).await.is_empty()
    }

    /// Fills in a field, by its name in the form.
    pub async fn enter(&self, field: &str, text: &str) {
        let input = self.first(&format!("[name='{field}']"), None).await;
        let kind = input.attr("type").await.unwrap().unwrap_or_default();
        if NOT_TYPED.contains(&kind.as_str()) {
            let script = "const [input, text] = arguments; input.value = text; for (const type of ['input', 'change']) \
                input.dispatchEvent(new Event(type, { bubbles: true }));";
            self.driver.execute(script, vec![input.to_json().unwrap(), json!(text)]).await.unwrap();
            return;
        }
        // A file's path is typed into a field that cannot be cleared.
        if kind != "file" {
            input.clear().await.unwrap();
        }
        input.send_keys(text).await.unwrap();
    }

    /// Chooses one of several values, by the field's name in the form.
    pub async fn choose(&self, field: &str, value: &str) {
        let css = format!("input[name='{field}'][value='{value}'], select[name='{field}'] option[value='{value}']");
        self.driver.find(By::Css(css)).await.unwrap().click().await.unwrap();
    }

    /// Presses keys, in whatever has the focus.
    pub async fn type_keys(&self, keys: &str) {
        self.driver.action_chain().send_keys(keys).perform().await.unwrap();
    }

    /// Posts to this path from a page that is not the site's.
    pub async fn post_from_another_site(&self, path: &str) {
        let page =
            format!("data:text/html,<form method=post action='{}{path}'><button>Post</button></form>", self.site);
        self.driver.goto(page).await.unwrap();
        self.first("button", None).await.click().await.unwrap();
    }

    /// Clicks on the first such element, as soon as there is one that lasts: one of a page that is just being replaced does not.
    async fn click(&self, css: &str, name: Option<&str>) {
        let what = format!("{css} {} can be pressed", name.unwrap_or_default());
        let click = async || match self.first(css, name).await.click().await {
            Err(error) if matches!(error.as_inner(), WebDriverErrorInner::StaleElementReference(_)) => None,
            clicked => {
                clicked.unwrap();
                Some(())
            }
        };
        self.until(LIMIT, &what, click).await;
    }

    async fn first(&self, css: &str, name: Option<&str>) -> WebElement {
        self.find(css, name).await.swap_remove(0)
    }
}
