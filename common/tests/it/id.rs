use common::id::Id;

#[test]
fn an_id_reads_back_what_it_writes() {
    let text = "65a1b2c3d4e5f60718293a4b";
    let id: Id = text.parse().unwrap();
    assert_eq!(id.to_string(), text);
    assert_eq!(serde_json::to_string(&id).unwrap(), format!("{text:?}"));
    assert_eq!(serde_json::from_str::<Id>(&format!("{text:?}")).unwrap(), id);
}

#[test]
fn upper_case_digits_are_the_same_id() {
    let id: Id = "65A1B2C3D4E5F60718293A4B".parse().unwrap();
    assert_eq!(id.to_string(), "65a1b2c3d4e5f60718293a4b");
}

#[test]
fn anything_else_is_no_id() {
    for text in [
        "",
        "1",
        "65a1b2c3d4e5f60718293a4",
        "65a1b2c3d4e5f60718293a4bc",
        "zza1b2c3d4e5f60718293a4b",
        "é5a1b2c3d4e5f60718293a4",
    ] {
        assert!(text.parse::<Id>().is_err(), "{text:?}");
    }
}
