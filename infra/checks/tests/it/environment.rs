use std::collections::BTreeSet;
use std::fs;

use clap::{Arg, Command, Parser};
use serde_json::Value;

use crate::overlay::{Container, WITH_LOAD, WITH_TRACES, assert_none, containers, list, overlay, overlays, root, text};

/// It shows mails to everybody: no manifest sets it.
const ONLY_LOCAL: &str = "LOCAL_MAILBOX";

/// A service's settings: its flags, each with a variable, and why a command line is not accepted.
struct Settings {
    command: Command,
    parse: fn(Vec<String>) -> Result<(), clap::Error>,
}

fn settings<C: Parser>() -> Settings {
    Settings { command: C::command(), parse: |line| C::try_parse_from(line).map(drop) }
}

/// The containers of services, with the services' settings.
fn services() -> Vec<(Container<'static>, Settings)> {
    let settings = |container: Container<'static>| {
        let settings = match container.name() {
            auth::NAME => settings::<auth::config::Config>(),
            tickets::NAME => settings::<tickets::config::Config>(),
            orders::NAME => settings::<orders::config::Config>(),
            payments::NAME => settings::<payments::config::Config>(),
            expiration::NAME => settings::<expiration::config::Config>(),
            client::NAME => settings::<client::config::Config>(),
            _ => return None,
        };
        Some((container, settings))
    };
    containers().filter_map(settings).collect()
}

fn variable(flag: &Arg) -> Option<&str> {
    flag.get_env()?.to_str()
}

#[test]
fn the_variables_of_a_service_are_exactly_its_settings() {
    let mut problems = Vec::new();
    for (container, settings) in services() {
        let known = settings.command.get_arguments().filter_map(variable);
        let known: BTreeSet<&str> = known.filter(|name| *name != ONLY_LOCAL).collect();
        let definitions = container.value["env"].to_string();
        // One that stands in another, as a password in a URL, is no setting itself.
        let is_setting = |name: &String| known.contains(name.as_str()) || !definitions.contains(&format!("$({name})"));
        let given: BTreeSet<String> = container.environment().into_keys().filter(is_setting).collect();
        let given: BTreeSet<&str> = given.iter().map(String::as_str).collect();
        problems.extend(known.difference(&given).map(|name| format!("{} lacks {name}", container.place())));
        problems.extend(given.difference(&known).map(|name| format!("{} has an unknown {name}", container.place())));
    }
    assert_none(problems);
}

#[test]
fn every_service_accepts_the_values_of_its_variables() {
    let mut problems = Vec::new();
    for (container, settings) in services() {
        let environment = container.environment();
        // As flags, so that the environment of this process stays as it is.
        let flag = |flag: &Arg| Some(format!("--{}={}", flag.get_long()?, environment.get(variable(flag)?)?));
        let flags = settings.command.get_arguments().filter_map(flag);
        let line = std::iter::once(container.name().to_owned()).chain(flags).collect();
        problems.extend((settings.parse)(line).err().map(|error| format!("{}: {error}", container.place())));
    }
    assert_none(problems);
}

#[test]
fn only_for_a_load_the_limits_of_one_person_are_raised() {
    for (name, [open, unpaid, live]) in
        [("dev", ["5", "3", "1000"]), ("prod", ["5", "3", "1000"]), (WITH_LOAD, ["1000", "1000", "0"])]
    {
        let (orders, tickets) = (overlay(name).container(orders::NAME), overlay(name).container(tickets::NAME));
        assert_eq!(orders.environment()["OPEN_ORDERS_PER_BUYER"], open, "{name}");
        assert_eq!(orders.environment()["UNPAID_ORDERS_PER_TICKET"], unpaid, "{name}");
        assert_eq!(tickets.environment()["LIVE_TICKETS_PER_SELLER"], live, "{name}");
    }
}

#[test]
fn traces_are_sent_only_with_their_component() {
    for overlay in overlays() {
        let containers =
            overlay.containers().filter(|container| container.environment().contains_key("OTEL_SDK_DISABLED"));
        for container in containers {
            let has_collector = !container.environment()["OTEL_EXPORTER_OTLP_ENDPOINT"].is_empty();
            assert_eq!(has_collector, overlay.name == WITH_TRACES, "{}", container.place());
        }
    }
}

#[test]
fn a_service_listens_on_the_ports_of_its_container() {
    for (container, _) in services() {
        for (variable, name) in [("LISTEN_ADDR", "http"), ("ADMIN_ADDR", "admin")] {
            let port = list(&container.value["ports"]).iter().find(|port| port["name"] == name).unwrap();
            let address = format!("0.0.0.0:{}", port["containerPort"]);
            assert_eq!(container.environment()[variable], address, "{}", container.place());
        }
    }
}

#[test]
fn every_reference_to_a_variable_is_filled_in() {
    let mut problems = Vec::new();
    for container in containers() {
        let unknown = container.environment().into_iter().filter(|(_, value)| value.contains("$("));
        problems.extend(unknown.map(|(name, value)| format!("{}: {name} is {value}", container.place())));
    }
    assert_none(problems);
}

#[test]
fn streams_and_replica_sets_have_as_many_copies_as_there_are_servers() {
    for overlay in overlays() {
        let replicas = |name: &str| overlay.object("StatefulSet", &name.into())["spec"]["replicas"].to_string();
        for container in overlay.containers() {
            let environment = container.environment();
            if let Some(copies) = environment.get("STREAM_REPLICAS") {
                assert_eq!(*copies, replicas("nats"), "{}", container.place());
            }
            if let Some(members) = environment.get("MEMBERS") {
                assert_eq!(*members, replicas(&environment["STORE"]), "{}", container.place());
            }
        }
    }
}

#[test]
fn a_cloud_takes_money_and_a_laptop_does_not() {
    for (name, provider) in [("dev", "sandbox"), ("prod", "stripe")] {
        assert_eq!(overlay(name).container(payments::NAME).environment()["PAYMENT_PROVIDER"], provider, "{name}");
    }
}

#[test]
fn the_secrets_that_are_read_are_those_that_are_made() {
    let made: Value =
        serde_json::from_str(&fs::read_to_string(root().join("infra/k8s/secrets.json")).unwrap()).unwrap();
    let keys = |secret: &str| list(&made["generated"][secret]).iter().chain(list(&made["optional"][secret]));
    let mut read = BTreeSet::new();
    for container in containers() {
        for reference in list(&container.value["env"]).iter().map(|variable| &variable["valueFrom"]["secretKeyRef"]) {
            read.insert((text(&reference["name"]), text(&reference["key"]), reference["optional"] == true));
        }
        for secret in list(&container.value["envFrom"]).iter().map(|source| text(&source["secretRef"]["name"])) {
            read.extend(keys(secret).map(|key| (secret, text(key), false)));
        }
        let volumes = list(&container.pod["spec"]["volumes"]).iter().map(|volume| &volume["secret"]);
        // Certificates are the matter of `tls.rs`.
        for secret in volumes.filter(|secret| made["store-certificates"].get(text(&secret["secretName"])).is_none()) {
            let items = list(&secret["items"]).iter();
            read.extend(
                items.map(|item| (text(&secret["secretName"]), text(&item["key"]), secret["optional"] == true)),
            );
        }
    }
    read.remove(&("", "", false));
    let mut wanted = BTreeSet::new();
    for kind in ["generated", "optional"] {
        for (secret, keys) in made[kind].as_object().unwrap() {
            wanted.extend(list(keys).iter().map(|key| (secret.as_str(), text(key), kind == "optional")));
        }
    }
    assert_eq!(read, wanted);
    for overlay in overlays() {
        assert_eq!(overlay.of_kind("Secret").count(), 0, "{}: no manifest holds a Secret", overlay.name);
        for tls in overlay.of_kind("Ingress").flat_map(|ingress| list(&ingress["spec"]["tls"])) {
            assert!(made["certificate"].get(text(&tls["secretName"])).is_some(), "{}: {tls}", overlay.name);
        }
    }
}
