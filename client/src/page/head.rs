//! The head of a page: what browsers, search engines and previews of links read.

use leptos::prelude::*;
use leptos::tachys::html::attribute::custom::CustomAttribute;
use serde_json::Value;

use super::frame::Frame;
use crate::assets::{Asset, ICON, STYLE};
use crate::language::t;

/// The picture of the site in previews of links. Its address does not change with its content, because others keep it.
pub const PREVIEW: &str = "/preview.png";

/// The colour of the browser's own parts: that of the page header.
const THEME: [(&str, &str); 2] =
    [("(prefers-color-scheme: light)", "#fffefb"), ("(prefers-color-scheme: dark)", "#1c1f1d")];

/// What a page says to search engines and previews of links. The default suits pages that nobody looks for.
#[derive(Clone, Debug, Default)]
pub struct Head {
    description: Option<String>,
    canonical: Option<String>,
    linked_data: Option<Value>,
    is_hidden: bool,
}

impl Head {
    /// A page that others may find and share, at this path.
    pub fn at(path: impl Into<String>) -> Self {
        Self { canonical: Some(path.into()), ..Self::default() }
    }

    /// In a sentence.
    pub fn description(self, text: impl Into<String>) -> Self {
        Self { description: Some(text.into()), ..self }
    }

    /// The same for programs, in the words of schema.org.
    pub fn linked_data(self, data: Value) -> Self {
        Self { linked_data: Some(data), ..self }
    }

    /// Search engines leave the page out.
    pub fn hidden(self) -> Self {
        Self { is_hidden: true, ..self }
    }

    /// The `<head>`.
    pub fn view(self, frame: &Frame, title: &str, scripts: &[&Asset], refresh: Option<&str>) -> AnyView {
        let (language, origin) = (frame.language, frame.origin.as_str());
        let description = self.description.unwrap_or_else(|| t!(language, "frame-description"));
        let scripts = scripts.iter().map(|asset| view! { <script type="module" src=asset.path.clone()></script> });
        let theme = THEME.map(|(media, colour)| named("name", "theme-color", colour.to_owned()).attr("media", media));
        let shared = self.canonical.map(|path| {
            let (url, image) = (format!("{origin}{path}"), format!("{origin}{PREVIEW}"));
            let properties = [
                ("og:type", "website".to_owned()),
                ("og:site_name", "Ticketing".to_owned()),
                ("og:title", title.to_owned()),
                ("og:description", description.clone()),
                ("og:url", url.clone()),
                ("og:image", image),
                ("og:image:width", "1200".to_owned()),
                ("og:image:height", "630".to_owned()),
                ("og:image:alt", t!(language, "frame-preview")),
            ];
            let properties = properties.map(|(name, content)| named("property", name, content));
            view! {
                <link rel="canonical" href=url />
                {properties.into_iter().collect_view()}
                <meta name="twitter:card" content="summary_large_image" />
            }
        });
        view! {
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                {theme.into_iter().collect_view()}
                <title>{t!(language, "frame-title", title = title)}</title>
                <meta name="description" content=description.clone() />
                {self.is_hidden.then(|| view! { <meta name="robots" content="noindex, follow" /> })}
                {shared}
                <link rel="icon" href=ICON.path.as_str() type="image/svg+xml" />
                <link rel="stylesheet" href=STYLE.path.as_str() />
                <link rel="alternate" type="application/atom+xml" href="/feed.xml" title=t!(language, "frame-feed") />
                {scripts.collect_view()}
                {refresh.map(|refresh| {
                    view! { <noscript><meta http-equiv="refresh" content=refresh.to_owned() /></noscript> }
                })}
                {self.linked_data.map(|data| {
                    view! { <script type="application/ld+json" inner_html=in_script(&data)></script> }
                })}
            </head>
        }
        .into_any()
    }
}

/// A `<meta>` by an attribute that the macro does not know.
fn named(
    attribute: &'static str,
    name: &'static str,
    content: String,
) -> impl IntoView + CustomAttribute<&'static str, &'static str> {
    leptos::html::meta().content(content).attr(attribute, name)
}

/// JSON that cannot end the element it stands in.
fn in_script(data: &Value) -> String {
    data.to_string().replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::in_script;

    #[test]
    fn a_text_cannot_end_the_element_of_the_data() {
        let data = json!({"name": "</script><!-- <b>"});
        let text = in_script(&data);
        assert!(!text.contains('<'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), data);
    }
}
