//! The way from one page of a list to the next.

use common::id::Id;
use leptos::prelude::*;

/// Links to the first page and to the next one, as far as there are any.
#[component]
pub fn Paging(
    /// The list's own path.
    path: &'static str,
    /// What it lists.
    entries: &'static str,
    is_first: bool,
    /// Where the next page begins.
    next: Option<Id>,
) -> impl IntoView {
    (!is_first || next.is_some()).then(|| {
        view! {
            <nav class="paging" aria-label="Pages">
                {(!is_first).then(|| view! { <a href=path>{format!("Newest {entries}")}</a> })}
                {next.map(|next| view! { <a rel="next" href=format!("{path}?after={next}")>{format!("More {entries}")}</a> })}
            </nav>
        }
    })
}
