use leptos::prelude::*;

use crate::icons::{Icon, Shape};
use crate::language::{Language, t};
use crate::orders::standing::Standing;

/// Reserved, paid, ticket: how far the order is. An order that was cancelled has no steps.
#[component]
pub fn Steps(language: Language, standing: Standing, has_file: bool) -> impl IntoView {
    let done = match standing {
        Standing::Payable(_) => 1,
        Standing::Completing(_) => 2,
        Standing::Complete if has_file => 3,
        Standing::Complete => 2,
        Standing::Expiring(_) | Standing::Refunded(_) | Standing::Cancelled(_) => return ().into_any(),
    };
    let names =
        [t!(language, "order-step-reserved"), t!(language, "order-step-paid"), t!(language, "order-step-ticket")];
    let steps = names.into_iter().enumerate().map(|(at, name)| {
        let is_done = at < done;
        let mark = match is_done {
            true => view! { <Icon shape=Shape::CHECK /> <span class="hidden">{t!(language, "order-step-done")}</span> }
                .into_any(),
            false => view! { {at + 1} }.into_any(),
        };
        view! {
            <li class=is_done.then_some("done") aria-current=(at == done).then_some("step")>
                <span class="mark">{mark}</span>
                {name}
            </li>
        }
    });
    view! { <ol class="steps" aria-label=t!(language, "order-steps")>{steps.collect_view()}</ol> }.into_any()
}
