use super::{DAY, DnType, HOST, SystemTime, params};

#[test]
fn a_self_signed_certificate_has_the_name_of_the_host_and_ends_after_a_year() {
    let params = params().unwrap();
    assert_eq!(params.distinguished_name.get(&DnType::CommonName), Some(&HOST.into()));
    assert_eq!(params.not_after - params.not_before, 365 * DAY);
    assert!(params.not_after > (SystemTime::now() + 363 * DAY));
}
