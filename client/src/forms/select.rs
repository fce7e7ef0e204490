//! One of several options.

use leptos::prelude::*;

use super::labelled::Labelled;
use crate::failure::Refusal;

/// A labelled list to choose from, with what is wrong with the choice below.
#[component]
pub fn Select(
    /// The name in the form and in the service's refusal, and the id in the page.
    name: &'static str,
    #[prop(into)] label: String,
    /// The value that is sent and the text that is read, of each option.
    options: Vec<(String, String)>,
    /// The value that was chosen before, or the usual one.
    value: String,
    /// What to choose.
    #[prop(optional_no_strip)]
    hint: Option<String>,
    refusal: Refusal,
) -> impl IntoView {
    let labelled = Labelled::new(name, label, hint, &refusal);
    let options = options.into_iter().map(|(option, text)| {
        let chosen = option == value;
        view! { <option value=option selected=chosen>{text}</option> }
    });
    let input = view! {
        <select
            id=name
            name=name
            autocomplete="off"
            aria-describedby=labelled.described_by()
            aria-invalid=labelled.invalid()
            autofocus=labelled.focused()
        >
            {options.collect_view()}
        </select>
    };
    labelled.around(input.into_any())
}
