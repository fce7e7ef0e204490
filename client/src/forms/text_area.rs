//! Several lines to type into.

use leptos::prelude::*;
use quick_xml::escape::partial_escape;

use super::labelled::Labelled;
use crate::failure::Refusal;

/// A labelled text area, with what is wrong with it below.
#[component]
pub fn TextArea(
    /// The name in the form and in the service's refusal, and the id in the page.
    name: &'static str,
    #[prop(into)] label: String,
    /// What was entered before.
    #[prop(optional)]
    value: String,
    #[prop(default = 3)] rows: u32,
    /// What to enter.
    #[prop(optional_no_strip)]
    hint: Option<String>,
    #[prop(optional)] most_characters: Option<u32>,
    #[prop(default = true)] required: bool,
    refusal: Refusal,
) -> impl IntoView {
    let labelled = Labelled::new(name, label, hint, &refusal);
    // Leptos escapes nothing in a text area, where a browser reads entities all the same. It drops the line break that follows the tag,
    // and only that one.
    let text = format!("\n{}", partial_escape(value));
    let input = view! {
        <textarea
            id=name
            name=name
            rows=rows
            autocomplete="off"
            maxlength=most_characters
            aria-describedby=labelled.described_by()
            aria-invalid=labelled.invalid()
            autofocus=labelled.focused()
            required=required
        >
            {text}
        </textarea>
    };
    labelled.around(input.into_any())
}
