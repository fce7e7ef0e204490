use super::{KEYFILE_LETTERS, random};

#[test]
fn a_secret_is_letters_and_digits_that_begin_with_a_letter_and_never_the_same() {
    for key in ["PASSWORD", "KEYFILE"] {
        let (one, other) = (random(key), random(key));
        assert!(one.starts_with('k') && one.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{one}");
        assert_ne!(one, other);
    }
    assert_eq!(random("KEYFILE").len(), KEYFILE_LETTERS);
}
