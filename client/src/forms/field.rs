//! A line to type into.

use leptos::prelude::*;

use super::labelled::Labelled;
use crate::failure::Refusal;

/// A labelled input, with what is wrong with it below.
#[component]
pub fn Field(
    /// The name in the form and in the service's refusal, and the id in the page.
    name: &'static str,
    #[prop(into)] label: String,
    /// What was entered before.
    #[prop(optional)]
    value: String,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(optional)] inputmode: Option<&'static str>,
    /// An example, in grey.
    #[prop(optional_no_strip)]
    placeholder: Option<String>,
    /// What to enter.
    #[prop(optional_no_strip)]
    hint: Option<String>,
    #[prop(optional)] most_characters: Option<u32>,
    #[prop(default = true)] required: bool,
    /// Whether typing begins here although nothing is wrong with it.
    #[prop(optional)]
    focus: bool,
    refusal: Refusal,
) -> impl IntoView {
    let labelled = Labelled::new(name, label, hint, &refusal);
    let input = view! {
        <input
            id=name
            name=name
            type=kind
            value=value
            autocomplete=autocomplete
            inputmode=inputmode
            placeholder=placeholder
            maxlength=most_characters
            aria-describedby=labelled.described_by()
            aria-invalid=labelled.invalid()
            autofocus=focus || labelled.focused()
            required=required
        />
    };
    labelled.around(input.into_any())
}
