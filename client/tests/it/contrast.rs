//! WCAG 2.2 AA: text has a contrast of 4.5 to what is behind it, and what one must see to use a page one of 3.

use std::collections::HashMap;

const STYLE: &str = include_str!("../../assets/style.css");

/// What is written, and on what.
const TEXTS: [(&str, &str); 22] = [
    ("ink", "paper"),
    ("ink", "card"),
    ("ink", "tint"),
    ("ink", "line"),
    ("ink", "warn-tint"),
    ("faint", "paper"),
    ("faint", "card"),
    ("faint", "tint"),
    ("accent", "paper"),
    ("accent", "card"),
    ("accent", "tint"),
    ("accent", "warn-tint"),
    ("on-accent", "accent"),
    ("warn", "card"),
    ("warn", "paper"),
    ("warn", "tint"),
    ("warn", "warn-tint"),
    ("wrong", "card"),
    ("wrong", "paper"),
    ("wrong", "tint"),
    ("wrong", "wrong-tint"),
    ("ink", "wrong-tint"),
];

/// Edges of inputs, and the outline of what has the focus.
const EDGES: [(&str, &str); 4] = [("field", "paper"), ("field", "card"), ("accent", "paper"), ("accent", "card")];

/// The tokens of the light and of the dark theme.
fn themes() -> [HashMap<&'static str, [f64; 3]>; 2] {
    let blocks: Vec<&str> =
        STYLE.split(":root {").skip(1).take(2).map(|block| block.split('}').next().unwrap()).collect();
    let read = |block: &'static str| {
        let tokens = block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "));
        tokens.filter_map(|(name, value)| Some((name, colour(value)?))).collect::<HashMap<_, _>>()
    };
    [read(blocks[0]), read(blocks[1])]
}

fn colour(text: &str) -> Option<[f64; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok().map(|part| f64::from(part) / 255.0);
    Some([part(0)?, part(2)?, part(4)?])
}

fn luminance(colour: [f64; 3]) -> f64 {
    let linear = |part: f64| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn every_pair_of_colours_that_meets_has_enough_contrast() {
    for (theme, tokens) in ["light", "dark"].into_iter().zip(themes()) {
        for (pairs, least) in [(&TEXTS[..], 4.5), (&EDGES[..], 3.0)] {
            for (front, back) in pairs {
                let found = contrast(tokens[front], tokens[back]);
                assert!(found >= least, "{front} on {back}, {theme}: {found:.2}");
            }
        }
    }
}

#[test]
fn no_colour_of_text_stands_outside_the_tokens() {
    let rules = STYLE.split("/* Art of an event").next().unwrap().split("/* Ground").nth(1).unwrap();
    for declaration in rules.split([';', '{', '}']).map(str::trim) {
        let is_colour = declaration.starts_with("color:") || declaration.starts_with("background:");
        assert!(!(is_colour && declaration.contains('#')), "{declaration}");
    }
}
