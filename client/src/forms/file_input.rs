//! A file to choose.

use leptos::prelude::*;

use super::labelled::Labelled;
use super::with_file::MOST_FILE_BYTES;
use crate::failure::Refusal;

/// A labelled choice of a file, with what is wrong with it below. A page can never fill it in again.
#[component]
pub fn FileInput(
    /// The name in the form and in the service's refusal, and the id in the page.
    name: &'static str,
    #[prop(into)] label: String,
    /// The media types that may be chosen.
    accept: &'static str,
    /// What to choose.
    #[prop(optional_no_strip)]
    hint: Option<String>,
    #[prop(default = true)] required: bool,
    /// What a script says of a file that is too large, before it is sent.
    too_large: String,
    refusal: Refusal,
) -> impl IntoView {
    let labelled = Labelled::new(name, label, hint, &refusal);
    let input = view! {
        <file-limit most=MOST_FILE_BYTES message=too_large>
            <input
                id=name
                name=name
                type="file"
                accept=accept
                aria-describedby=labelled.described_by()
                aria-invalid=labelled.invalid()
                autofocus=labelled.focused()
                required=required
            />
        </file-limit>
    };
    labelled.around(input.into_any())
}
