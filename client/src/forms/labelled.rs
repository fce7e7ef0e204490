//! What every kind of input has around it.

use leptos::prelude::*;

use crate::failure::Refusal;

/// An input's label, hint and messages, and how they refer to each other.
pub struct Labelled {
    name: &'static str,
    label: String,
    hint: Option<String>,
    messages: Vec<String>,
    is_first: bool,
}

impl Labelled {
    /// `name` is the name in the form and in the refusal, and the id in the page.
    pub fn new(name: &'static str, label: String, hint: Option<String>, refusal: &Refusal) -> Self {
        Self { name, label, hint, messages: refusal.about(name), is_first: refusal.is_first(name) }
    }

    /// `aria-invalid`
    pub fn invalid(&self) -> Option<&'static str> {
        (!self.messages.is_empty()).then_some("true")
    }

    /// `autofocus`, for the first input that is wrong.
    pub fn focused(&self) -> bool {
        self.is_first
    }

    /// `aria-describedby`: the message, then the hint.
    pub fn described_by(&self) -> Option<String> {
        let message = (!self.messages.is_empty()).then(|| format!("{}-message", self.name));
        let hint = self.hint.is_some().then(|| format!("{}-hint", self.name));
        let ids: Vec<String> = message.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// The input with everything around it.
    pub fn around(self, input: AnyView) -> AnyView {
        let Self { name, label, hint, messages, .. } = self;
        let message = (!messages.is_empty()).then(|| {
            view! { <p class="message" id=format!("{name}-message") role="alert">{messages.join(". ")}</p> }
        });
        let hint = hint.map(|hint| view! { <p class="hint" id=format!("{name}-hint")>{hint}</p> });
        view! { <div class="field"><label for=name>{label}</label> {input} {message} {hint}</div> }.into_any()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use common::api::ErrorEntry;

    use super::Labelled;
    use crate::failure::Refusal;
    use crate::language::Language;

    #[test]
    fn an_input_refers_to_its_message_and_its_hint_and_only_the_first_wrong_one_is_focused() {
        let entry = |field: &str| ErrorEntry { message: "Not found".to_owned(), field: Some(field.to_owned()) };
        let refusal =
            Refusal { status: StatusCode::BAD_REQUEST, errors: vec![entry("b"), entry("a")], ..Refusal::default() };
        let refusal = refusal.in_form(Language::default(), &["a", "b", "c"]);
        let labelled = |name, hint: Option<&str>| Labelled::new(name, String::new(), hint.map(str::to_owned), &refusal);
        assert_eq!(labelled("a", Some("hint")).described_by().as_deref(), Some("a-message a-hint"));
        assert_eq!(labelled("b", None).described_by().as_deref(), Some("b-message"));
        assert_eq!(labelled("c", Some("hint")).described_by().as_deref(), Some("c-hint"));
        assert_eq!(labelled("c", None).described_by(), None);
        assert!(labelled("a", None).focused() && !labelled("b", None).focused() && !labelled("c", None).focused());
        assert_eq!((labelled("a", None).invalid(), labelled("c", None).invalid()), (Some("true"), None));
    }
}
