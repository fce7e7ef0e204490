//! The visitor's language, and the texts of `languages/*.ftl`.

pub mod choose;

mod format;

use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use common::cookies::cookies;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_langneg::{NegotiationStrategy, accepted_languages, negotiate_languages};
use unic_langid::LanguageIdentifier;

/// Every language, the first for visitors who read none of them. Each is a file.
const FILES: [(&str, &str); 2] =
    [("en", include_str!("../languages/en.ftl")), ("de", include_str!("../languages/de.ftl"))];

static LANGUAGES: LazyLock<Vec<Texts>> = LazyLock::new(|| FILES.map(|(tag, file)| Texts::parse(tag, file)).into());

struct Texts {
    tag: &'static str,
    language: LanguageIdentifier,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    fn parse(tag: &'static str, file: &str) -> Self {
        let language: LanguageIdentifier = tag.parse().unwrap_or_default();
        // What a file has wrong is left out, and a test finds it.
        let resource = FluentResource::try_new(file.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let mut bundle = FluentBundle::new_concurrent(vec![language.clone()]);
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { tag, language, bundle }
    }

    fn format(&self, id: &str, args: &FluentArgs) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(id, language = self.tag, ?errors, "a text cannot be filled in, mend its file");
        }
        Some(text)
    }
}

/// A language that the pages are written in.
#[derive(Clone, Copy)]
pub struct Language(&'static Texts);

/// The text with this id in a language, with its arguments filled in: `t!(language, "away-days", days = 3)`.
macro_rules! t {
    ($language:expr, $id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $language.text($id, [$((stringify!($name), fluent_bundle::FluentValue::from($value))),*])
    };
}
pub(crate) use t;

impl Default for Language {
    fn default() -> Self {
        Self(&LANGUAGES[0])
    }
}

impl Language {
    /// Every language.
    pub fn all() -> impl Iterator<Item = Self> {
        LANGUAGES.iter().map(Self)
    }

    /// The language that the visitor has chosen on a page, else the one that the browser prefers of ours, by `Accept-Language`.
    pub fn of(headers: &HeaderMap) -> Self {
        Self::chosen(headers).unwrap_or_else(|| Self::preferred(headers))
    }

    /// By the cookie that [`choose::submit`] sets.
    fn chosen(headers: &HeaderMap) -> Option<Self> {
        cookies(headers).filter(|(name, _)| *name == "language").find_map(|(_, tag)| Self::named(tag))
    }

    fn preferred(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let accepted = accepted_languages::parse(accepted);
        let known: Vec<_> = LANGUAGES.iter().map(|texts| texts.language.clone()).collect();
        let chosen = negotiate_languages(&accepted, &known, None, NegotiationStrategy::Lookup);
        let texts = chosen.first().and_then(|chosen| LANGUAGES.iter().find(|texts| texts.language == **chosen));
        texts.map(Self).unwrap_or_default()
    }

    /// The language with this tag.
    pub fn named(tag: &str) -> Option<Self> {
        Self::all().find(|language| language.tag() == tag)
    }

    /// For `lang` and `Content-Language`.
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// The text with this id; use it by [`t!`].
    pub fn text<'a, const N: usize>(self, id: &str, args: [(&'a str, FluentValue<'a>); N]) -> String {
        let args = FluentArgs::from_iter(args);
        let text = self.0.format(id, &args).or_else(|| Self::default().0.format(id, &args));
        text.unwrap_or_else(|| {
            tracing::error!(id, "a text is missing, add it to its file");
            id.to_owned()
        })
    }

    /// What a service answered, a sentence in English, as far as there is a translation. Numbers are not part of its id but its
    /// arguments `a`, `b` and so on.
    pub fn message(self, sentence: &str) -> String {
        let words = sentence.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let (numbers, words): (Vec<&str>, Vec<&str>) =
            words.partition(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        let id = format!("message-{}", words.join("-").to_ascii_lowercase());
        let args = ["a", "b", "c", "d"].into_iter().zip(numbers).collect();
        self.0.format(&id, &args).unwrap_or_else(|| sentence.to_owned())
    }
}

/// The ids of a language's texts, for comparing them.
#[cfg(test)]
fn ids(file: &str) -> std::collections::BTreeSet<String> {
    let lines = file.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()));
    lines.filter_map(|line| Some(line.split_once(" =")?.0.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use axum::http::{HeaderMap, HeaderValue, header};
    use fluent_bundle::FluentResource;

    use super::{FILES, LANGUAGES, Language, ids};

    fn language(accepted: &'static str) -> Language {
        Language::of(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accepted))]))
    }

    #[test]
    fn a_visitor_reads_the_language_that_the_browser_prefers_of_ours() {
        for (accepted, tag) in [
            ("de", "de"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("fr;q=0.9,de;q=0.5", "de"),
            ("en-GB,de;q=0.9", "en"),
            ("fr", "en"),
            ("", "en"),
            ("*", "en"),
            (",;q==", "en"),
        ] {
            assert_eq!(language(accepted).tag(), tag, "{accepted}");
        }
    }

    #[test]
    fn every_language_is_well_formed_and_has_the_same_texts() {
        let first = ids(FILES[0].1);
        for (tag, file) in FILES {
            if let Err((_, errors)) = FluentResource::try_new(file.to_owned()) {
                panic!("{tag}: {errors:?}");
            }
            let own: Vec<_> = ids(file).into_iter().filter(|id| !id.starts_with("message-")).collect();
            assert_eq!(
                own,
                first.iter().filter(|id| !id.starts_with("message-")).cloned().collect::<Vec<_>>(),
                "{tag}"
            );
        }
    }

    #[test]
    fn every_text_is_used_and_every_used_text_is_there() {
        fn read(folder: &Path, all: &mut String) {
            for entry in folder.read_dir().unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => read(&path, all),
                    false => all.push_str(&std::fs::read_to_string(path).unwrap()),
                }
            }
        }
        let mut source = String::new();
        read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut source);
        for id in ids(FILES[0].1) {
            assert!(source.contains(&format!("\"{id}\"")), "{id} is not used");
        }
        let calls =
            source.match_indices(concat!("t!", "(")).filter(|(at, _)| !source[..*at].ends_with(char::is_alphanumeric));
        for id in calls.filter_map(|(at, _)| source[at..].split('"').nth(1)) {
            assert!(ids(FILES[0].1).contains(id), "{id} is missing");
        }
    }

    #[test]
    fn what_a_service_answers_is_translated_as_far_as_it_is_known() {
        assert_eq!(language("de").message("Not found"), "Nicht gefunden");
        assert_eq!(language("de").message("Something new"), "Something new");
        assert_eq!(language("en").message("Not found"), "Not found");
        let password = "Password must be between 8 and 128 characters";
        assert_eq!(language("de").message(password), "Das Passwort muss 8 bis 128 Zeichen lang sein");
        for (sentence, german) in [
            ("Your unpaid orders have reached the limit of 5, pay or cancel one first", "Sie haben schon 5 unbezahlte"),
            (
                "Too many of your orders of this ticket ended unpaid, try again in 9 min",
                "Sie haben dieses Ticket zu oft",
            ),
            ("Your listings have reached the limit of 1000, withdraw one first", "Sie bieten schon 1000 Tickets an."),
        ] {
            assert!(language("de").message(sentence).starts_with(german), "{sentence}");
        }
        assert_eq!(LANGUAGES.len(), FILES.len());
    }
}
