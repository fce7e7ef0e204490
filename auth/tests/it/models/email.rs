use auth::models::email::Email;
use serde_json::{Value, json};

#[test]
fn an_address_is_kept_in_lower_case_and_without_the_space_around_it() {
    assert_eq!(Email::parse(&json!(" Ann.Lee+x@Example.COM ")).unwrap().as_str(), "ann.lee+x@example.com");
}

#[test]
fn anything_but_an_address_is_refused() {
    for value in [
        json!(""),
        json!("ann"),
        json!("ann@"),
        json!("@x.com"),
        json!("a b@x.com"),
        json!("ann@localhost"),
        json!("Ann <ann@x.com>"),
        json!(7),
        Value::Null,
    ] {
        assert_eq!(Email::parse(&value), Err("Email must be valid"), "{value}");
    }
}
