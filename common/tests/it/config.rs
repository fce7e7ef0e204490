use common::config::public_url;

#[test]
fn the_address_of_the_site_has_no_path() {
    for text in ["https://ticketing.dev", "https://ticketing.dev/", "http://localhost:3000"] {
        assert_eq!(public_url(text), Ok(text.trim_end_matches('/').to_owned()));
    }
    assert_eq!(public_url(""), Ok(String::new()));
    for text in ["ticketing.dev", "ftp://a", "https://a/b", "https://a@b"] {
        assert!(public_url(text).is_err(), "{text:?}");
    }
}
