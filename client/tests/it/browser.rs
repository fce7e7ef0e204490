use common::testing::{Answer, App, HttpClient};
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Method, RequestBuilder};
use scraper::{ElementRef, Html, Selector};
use serde_json::Value;

/// Somebody with a browser that runs no JavaScript.
pub struct Browser(HttpClient);

/// A page or a redirect.
#[derive(Debug)]
pub struct Shown {
    pub status: u16,
    pub headers: HeaderMap,
    pub html: String,
}

impl Browser {
    pub fn new(app: &App) -> Self {
        Self(app.visitor())
    }

    /// A browser with this session.
    pub fn with_session(app: &App, cookie: &str) -> Self {
        Self(app.visitor().with_cookie(cookie))
    }

    /// A request with this browser's cookies, to be shaped further.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.0.request(method, path)
    }

    pub async fn send(&self, request: RequestBuilder) -> Shown {
        let Answer { status, headers, body } = self.0.send(request).await;
        assert_ne!(status, 0, "no answer: {body}");
        let html = match body {
            Value::Null => String::new(),
            Value::String(text) => text,
            json => json.to_string(),
        };
        Shown { status, headers, html }
    }

    pub async fn get(&self, path: &str) -> Shown {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Shown {
        self.send(self.request(Method::POST, path).form(fields)).await
    }

    /// Posts a form as a browser does when it has an input for a file. Without a file the input is empty.
    pub async fn post_with_file(&self, path: &str, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Shown {
        const BOUNDARY: &str = "----a-boundary-that-no-file-has";
        let (name, bytes) = file.unwrap_or(("", b""));
        let mut body = Vec::new();
        for (field, value) in fields {
            let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n");
            body.extend_from_slice(format!("{head}{value}\r\n").as_bytes());
        }
        let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n");
        body.extend_from_slice(format!("{head}content-type: application/octet-stream\r\n\r\n").as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(self.request(Method::POST, path).header("content-type", media_type).body(body)).await
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

    /// Puts a ticket on sale that says more, and gives the path of its page.
    pub async fn sell_with(&self, fields: &[(&str, &str)]) -> String {
        self.post("/tickets/new", fields).await.expect(303).location().to_owned()
    }

    /// Fills in the form that is posted to this path and presses its first button.
    pub async fn fill_in(&self, page: &Shown, action: &str, entered: &[(&str, &str)]) -> Shown {
        let mut fields = page.fields(action);
        for (name, value) in entered {
            fields.retain(|(other, _)| other != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        self.send(self.request(Method::POST, action).form(&fields)).await
    }

    /// Pays the order with this page by a card, and shows the page that the answer leads to.
    pub async fn pay(&self, order: &str, token: &str) -> Shown {
        self.post_and_follow(&format!("{order}/pay"), &[("token", token)]).await
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

    /// What the form that is posted to this path holds.
    #[track_caller]
    pub fn fields(&self, action: &str) -> Vec<(String, String)> {
        let form = format!("form[method=post][action='{action}']");
        assert_eq!(self.texts(&form).len(), 1, "{form} in {}", self.html);
        let named = |element: ElementRef<'_>, value: Option<String>| {
            Some((element.attr("name")?.to_owned(), value.unwrap_or_default()))
        };
        let inputs = self.each(&format!("{form} input:not([type=file])"), |input| {
            named(input, input.attr("value").map(str::to_owned))
        });
        let areas = self.each(&format!("{form} textarea"), |area| {
            named(area, Some(area.text().collect::<String>().trim_start_matches('\n').to_owned()))
        });
        let chosen = Selector::parse("option[selected]").unwrap();
        let selects = self.each(&format!("{form} select"), |select| {
            named(select, select.select(&chosen).next().and_then(|option| option.attr("value").map(str::to_owned)))
        });
        inputs.into_iter().chain(areas).chain(selects).flatten().collect()
    }

    /// Where each such link leads.
    pub fn links(&self, selector: &str) -> Vec<String> {
        self.each(selector, |link| link.attr("href").unwrap_or_default().to_owned())
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
