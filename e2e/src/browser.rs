//! A browser without JavaScript: it follows links and redirects, keeps a cookie and fills in forms.

use std::collections::BTreeMap;

use common::testing::{Answer, HttpClient};
use reqwest::header::CONTENT_TYPE;
use scraper::{ElementRef, Html, Selector};

const MOST_REDIRECTS: usize = 5;

/// A page as it was answered.
pub struct Page {
    /// Where the redirects led.
    pub path: String,
    /// The status code.
    pub status: u16,
    html: String,
}

/// One person's browser window.
pub struct Browser(HttpClient);

impl Browser {
    /// A window of somebody who is not signed in.
    pub fn open(site: &HttpClient) -> Self {
        Self(site.new_visitor())
    }

    /// Goes to a path.
    pub async fn visit(&self, path: &str) -> Page {
        self.follow(self.0.get(path).await, path).await
    }

    /// Fills in the form that is posted to this path, and sends it with its only button.
    pub async fn submit(&self, page: &Page, action: &str, entered: &[(&str, &str)]) -> Page {
        let form = page.form(action);
        let mut fields = form.unwrap_or_else(|| panic!("{} has no form for {action}: {}", page.path, page.text()));
        for (name, value) in entered {
            assert!(fields.contains_key(*name), "{} has no field {name}, but {fields:?}", page.path);
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        self.follow(self.0.submit(action, &fields).await, action).await
    }

    async fn follow(&self, mut answer: Answer, path: &str) -> Page {
        let mut path = path.to_owned();
        for _ in 0..MOST_REDIRECTS {
            if answer.status != 303 {
                let media_type = answer.header(CONTENT_TYPE.as_str());
                assert!(media_type.starts_with("text/html"), "{path} answered with {media_type}: {}", answer.body);
                return Page { path, status: answer.status, html: answer.message().to_owned() };
            }
            path = answer.location().to_owned();
            answer = self.0.get(&path).await;
        }
        panic!("{path} redirects on and on");
    }
}

impl Page {
    /// Everything that can be read on it.
    pub fn text(&self) -> String {
        let words = Html::parse_document(&self.html);
        let body = words.select(&selector("body")).next().expect("a body");
        body.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    }

    /// Fails unless this is the status and the text can be read.
    #[track_caller]
    pub fn expect(self, status: u16, text: &str) -> Self {
        let read = self.text();
        assert!(self.status == status && read.contains(text), "{} is {}: {read}", self.path, self.status);
        self
    }

    /// Where the link with this text leads.
    pub fn link(&self, text: &str) -> Option<String> {
        let (page, css) = (Html::parse_document(&self.html), selector("main a[href]"));
        let link = page.select(&css).find(|link| link.text().collect::<String>().trim() == text)?;
        link.attr("href").map(str::to_owned)
    }

    /// Where the first link inside of this leads.
    pub fn link_in(&self, css: &str) -> Option<String> {
        let (page, css) = (Html::parse_document(&self.html), selector(&format!("main {css} a[href]")));
        page.select(&css).next()?.attr("href").map(str::to_owned)
    }

    /// The fields of the form that is posted to this path, with the values that stand in the page.
    pub fn form(&self, action: &str) -> Option<BTreeMap<String, String>> {
        let page = Html::parse_document(&self.html);
        let form = page.select(&selector(&format!(r#"form[method="post"][action="{action}"]"#))).next()?;
        let inputs = selector("input[name]:not([type=radio]), input[name][checked], select[name], textarea[name]");
        let attribute = |input: ElementRef, name| input.attr(name).unwrap_or_default().to_owned();
        Some(form.select(&inputs).map(|input| (attribute(input, "name"), attribute(input, "value"))).collect())
    }
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}
