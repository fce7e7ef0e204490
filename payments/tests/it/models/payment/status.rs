use payments::models::payment::PaymentStatus;

#[test]
fn a_status_is_stored_under_its_name() {
    for status in PaymentStatus::ALL {
        assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
    }
}
