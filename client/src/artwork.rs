//! Artwork of an event: shapes, colours and a view of them that follow from the event's key, so an event looks the same everywhere.

use common::id::Id;
use leptos::prelude::*;

use crate::assets::ART;

/// The drawings of `assets/art.svg`, by their ids there.
const DRAWINGS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

/// How many palettes `.art-N` the stylesheet has.
const PALETTES: u64 = 8;

/// Which part of a drawing is seen: all of it, or some of it larger.
const VIEWS: [&str; 3] = ["0 0 160 100", "12 24 120 75", "34 8 120 75"];

/// The artwork of the event with this key. It fills its place and is hidden from screen readers.
#[component]
pub fn Artwork(key: Id) -> impl IntoView {
    let Look { drawing, view, class } = Look::of(key);
    view! {
        <svg class=class viewBox=view preserveAspectRatio="xMidYMid slice" aria-hidden="true">
            <use href=format!("{}#{drawing}", ART.path)></use>
        </svg>
    }
}

/// What the artwork of an event is made of.
struct Look {
    drawing: &'static str,
    view: &'static str,
    class: String,
}

impl Look {
    fn of(key: Id) -> Self {
        let mut number = mixed(key);
        let mut choose = |of: u64| {
            let chosen = number % of;
            number /= of;
            chosen
        };
        let drawing = DRAWINGS[choose(DRAWINGS.len() as u64) as usize];
        let palette = choose(PALETTES);
        let view = VIEWS[choose(VIEWS.len() as u64) as usize];
        let flip = if choose(2) == 1 { " flip" } else { "" };
        Self { drawing, view, class: format!("art art-{palette}{flip}") }
    }
}

/// The same number for a key for ever, and far apart for keys that follow each other (FNV-1a, then spread).
fn mixed(key: Id) -> u64 {
    let hash = key
        .to_string()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 16
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use common::id::Id;

    use super::{DRAWINGS, Look, PALETTES};

    #[test]
    fn an_event_looks_the_same_for_ever_and_others_look_different() {
        let look = Look::of(Id::from_bytes([7; 12]));
        assert_eq!(
            (look.drawing, look.class),
            (Look::of(Id::from_bytes([7; 12])).drawing, Look::of(Id::from_bytes([7; 12])).class)
        );
        let looks: HashSet<_> = (0..100)
            .map(|last| Look::of(Id::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, last])))
            .map(|look| (look.drawing, look.view, look.class))
            .collect();
        assert!(looks.len() > 80, "{} of 100 differ", looks.len());
    }

    #[test]
    fn every_drawing_and_every_palette_is_there() {
        let (drawings, style) = (include_str!("../assets/art.svg"), include_str!("../assets/style.css"));
        for id in DRAWINGS {
            assert!(drawings.contains(&format!("<g id=\"{id}\">")), "{id}");
        }
        for palette in 0..PALETTES {
            assert!(style.contains(&format!(".art-{palette} {{")), "{palette}");
        }
    }
}
