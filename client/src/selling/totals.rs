//! What a seller's listings come to.

use common::api::{ListingState, OwnTicketBody};
use common::money::Money;
use leptos::prelude::*;

use crate::language::{Language, t};

/// How many tickets are sold and for how much, and how many are not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Paid for.
    pub sold: usize,
    /// What the sold ones cost, in cents.
    pub cents: i64,
    /// To be had, or held by an order that is not paid.
    pub on_sale: usize,
}

impl Totals {
    /// Adds them up.
    pub fn of(listings: &[OwnTicketBody]) -> Self {
        let mut totals = Self::default();
        for own in listings {
            match own.state {
                ListingState::Sold => {
                    totals.sold += seats(own);
                    totals.cents += own.ticket.price.cents();
                }
                ListingState::OnSale | ListingState::Held => totals.on_sale += seats(own),
                ListingState::Withdrawn | ListingState::Over => {}
            }
        }
        totals
    }

    /// In three figures; nothing before the first listing.
    pub fn view(self, language: Language) -> Option<impl IntoView + use<>> {
        let Self { sold, cents, on_sale } = self;
        (sold + on_sale > 0).then(|| {
            view! {
                <dl class="figures">
                    <div><dt>{t!(language, "sell-own-on-sale")}</dt> <dd>{on_sale}</dd></div>
                    <div><dt>{t!(language, "sell-own-sold")}</dt> <dd>{sold}</dd></div>
                    <div><dt>{t!(language, "sell-own-earned")}</dt> <dd>{language.money(Money::from_cents(cents))}</dd></div>
                </dl>
            }
        })
    }
}

fn seats(own: &OwnTicketBody) -> usize {
    usize::try_from(own.ticket.details.seats()).unwrap_or(1)
}
