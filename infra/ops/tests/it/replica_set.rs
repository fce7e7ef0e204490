//! The order of steps from one membership to another.

use ops::mongo::member::Host;
use ops::mongo::replica_set::{Step, next_step};

fn hosts(names: &str) -> Vec<Host> {
    names.split_whitespace().map(|name| format!("{name}:27017").parse().unwrap()).collect()
}

fn step(present: &str, wanted: &str, primary: &str) -> Option<Step> {
    next_step(&hosts(present), &hosts(wanted), &hosts(primary)[0])
}

fn host(name: &str) -> Host {
    hosts(name).remove(0)
}

#[test]
fn nothing_is_left_to_do_when_the_members_are_the_wanted_ones_in_any_order() {
    assert_eq!(step("a b c", "c a b", "b"), None);
}

#[test]
fn missing_members_join_one_at_a_time() {
    assert_eq!(step("a", "a b c", "a"), Some(Step::Add(host("b"))));
    assert_eq!(step("a b", "a b c", "a"), Some(Step::Add(host("c"))));
}

#[test]
fn members_join_before_others_leave() {
    assert_eq!(step("a b", "a c", "a"), Some(Step::Add(host("c"))));
    assert_eq!(step("a b c", "a c", "a"), Some(Step::Remove(host("b"))));
}

#[test]
fn a_primary_that_is_to_leave_steps_down_last_and_leaves_when_another_is_elected() {
    assert_eq!(step("a b c", "c", "a"), Some(Step::Remove(host("b"))));
    assert_eq!(step("a c", "c", "a"), Some(Step::StepDown(host("a"))));
    assert_eq!(step("a c", "c", "c"), Some(Step::Remove(host("a"))));
}

#[test]
fn hosts_are_compared_without_case() {
    let upper: Host = "Mongo-0.Mongo-SRV:27017".parse().unwrap();
    assert_eq!(upper, "mongo-0.mongo-srv:27017".parse().unwrap());
}
