use std::sync::Mutex;

use common::testing::App;
use reqwest::header::{COOKIE, HeaderMap, LOCATION, SET_COOKIE};
use reqwest::{Method, RequestBuilder};
use scraper::{ElementRef, Html, Selector};

/// Somebody with a browser that runs no JavaScript.
pub struct Browser<'a> {
    app: &'a App,
    session: Mutex<Option<String>>,
}

/// A page or a redirect.
#[derive(Debug)]
pub struct Shown {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

impl<'a> Browser<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app, session: Mutex::new(None) }
    }

    /// A request with this browser's cookie, to be shaped further.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.app.request(method, path);
        match self.session.lock().unwrap().as_ref() {
            Some(session) => request.header(COOKIE, session),
            None => request,
        }
    }

    pub async fn send(&self, request: RequestBuilder) -> Shown {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if let Some(cookie) = headers.get(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            *self.session.lock().unwrap() = (cookie != "session=").then(|| cookie.to_owned());
        }
        Shown { status, headers, html: response.text().await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Shown {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        self.send(self.request(Method::POST, path).form(fields)).await
    }

    /// Posts, and shows the page that the answer leads to.
    pub async fn post_and_follow(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        let answer = self.post(path, fields).await.expect(303);
        self.get(answer.location()).await
    }

    /// Signs up with an address of this name.
    pub async fn sign_up(&self, name: &str) -> Shown {
        self.post("/auth/signup", &[("email", &format!("{name}@example.com")), ("password", "correct horse")])
            .await
            .expect(303)
    }

    /// Puts a ticket on sale and gives the path of its page.
    pub async fn sell(&self, title: &str, price: &str) -> String {
        self.post("/tickets/new", &[("title", title), ("price", price)]).await.expect(303).location().to_owned()
    }

    /// Reserves the ticket with this page and gives the path of the order's page.
    pub async fn buy(&self, ticket: &str) -> String {
        self.post(&format!("{ticket}/buy"), &[]).await.expect(303).location().to_owned()
    }
}

impl Shown {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.html);
        self
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The text of each element, in the page's order.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.each(selector, |element| element.text().collect::<String>().trim().to_owned())
    }

    /// The text of the only such element.
    #[track_caller]
    pub fn text(&self, selector: &str) -> String {
        only(selector, self.texts(selector), &self.html)
    }

    /// An attribute of the only such element, empty when it is missing.
    #[track_caller]
    pub fn attribute(&self, selector: &str, name: &str) -> String {
        let values = self.each(selector, |element| element.attr(name).unwrap_or_default().to_owned());
        only(selector, values, &self.html)
    }

    pub fn has(&self, selector: &str) -> bool {
        !self.texts(selector).is_empty()
    }

    fn each<T>(&self, selector: &str, read: impl Fn(ElementRef<'_>) -> T) -> Vec<T> {
        Html::parse_document(&self.html).select(&Selector::parse(selector).unwrap()).map(read).collect()
    }
}

#[track_caller]
fn only(selector: &str, mut found: Vec<String>, html: &str) -> String {
    assert_eq!(found.len(), 1, "{selector} in {html}");
    found.remove(0)
}
