//! Inputs that belong together.

use leptos::prelude::*;

/// Inputs that most people do without, behind a line that opens them. `about` says what they are for; they are open at once when
/// something is entered or wrong.
pub fn more(legend: String, about: String, open: bool, inputs: impl IntoAny) -> AnyView {
    view! {
        <details class="more" open=open>
            <summary><span><strong>{legend}</strong> " " <small>{about}</small></span></summary>
            <div class="more-fields">{inputs.into_any()}</div>
        </details>
    }
    .into_any()
}
