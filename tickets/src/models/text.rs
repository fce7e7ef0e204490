//! Texts as a search compares them: without case, accents and further spaces.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text in lower case, without accents, and with one space between words.
pub fn folded(text: &str) -> String {
    let plain: String = text.nfkd().filter(|letter| !is_combining_mark(*letter)).collect();
    plain.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of a text, each once: what stands between spaces and punctuation.
pub fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let texts = texts.into_iter().map(folded).collect::<Vec<_>>().join(" ");
    let mut words: Vec<String> = texts
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::{folded, words};

    #[test]
    fn case_accents_and_further_spaces_do_not_count() {
        assert_eq!(folded("  Théâtre  à l’Étoile\n"), "theatre a l’etoile");
        assert_eq!(folded("ﬁnale"), "finale");
        assert_eq!(folded(""), "");
    }

    #[test]
    fn words_end_at_spaces_and_punctuation_and_come_once() {
        assert_eq!(words(["L’Étoile-Noire!", "noire 2027"]), ["2027", "etoile", "l", "noire"]);
        assert_eq!(words(["☆ ☆"]), Vec::<String>::new());
        assert_eq!(words(["東京 ドーム"]), ["ト\u{30fc}ム", "東京"]);
    }
}
