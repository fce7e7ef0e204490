//! Texts in lines as of Markdown: headings, lists and paragraphs, and nothing else.

use leptos::prelude::*;

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    /// `# …`: the title.
    Title(String),
    /// `## …`
    Heading(String),
    /// `- …`, each in a line.
    List(Vec<String>),
    /// Lines up to an empty one.
    Paragraph(String),
}

/// The parts of a text.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut is_open = false;
    for line in text.lines().map(str::trim) {
        let entry = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        if line.is_empty() {
            is_open = false;
        } else if let Some(title) = line.strip_prefix("# ") {
            blocks.push(Block::Title(title.to_owned()));
            is_open = false;
        } else if let Some(heading) = line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")) {
            blocks.push(Block::Heading(heading.to_owned()));
            is_open = false;
        } else if let Some(entry) = entry {
            match blocks.last_mut() {
                Some(Block::List(entries)) => entries.push(entry.to_owned()),
                _ => blocks.push(Block::List(vec![entry.to_owned()])),
            }
            is_open = true;
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(text)) if is_open => go_on(text, line),
                Some(Block::List(entries)) if is_open => {
                    entries.last_mut().into_iter().for_each(|text| go_on(text, line))
                }
                _ => blocks.push(Block::Paragraph(line.to_owned())),
            }
            is_open = true;
        }
    }
    blocks
}

fn go_on(text: &mut String, line: &str) {
    text.push(' ');
    text.push_str(line);
}

impl Block {
    /// The part in a page.
    pub fn view(self) -> AnyView {
        match self {
            Self::Title(text) => view! { <h1>{text}</h1> }.into_any(),
            Self::Heading(text) => view! { <h2>{text}</h2> }.into_any(),
            Self::Paragraph(text) => view! { <p>{text}</p> }.into_any(),
            Self::List(entries) => {
                let entries = entries.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
                view! { <ul>{entries}</ul> }.into_any()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, blocks};

    #[test]
    fn a_text_is_headings_lists_and_paragraphs() {
        let text = "# Terms\nFirst line\nsecond line\n\nAnother\n## Buying\n- one\n  goes on\n- two\n\nEnd <b>\r\n";
        let paragraph = |text: &str| Block::Paragraph(text.to_owned());
        assert_eq!(
            blocks(text),
            [
                Block::Title("Terms".to_owned()),
                paragraph("First line second line"),
                paragraph("Another"),
                Block::Heading("Buying".to_owned()),
                Block::List(vec!["one goes on".to_owned(), "two".to_owned()]),
                paragraph("End <b>"),
            ]
        );
    }
}
