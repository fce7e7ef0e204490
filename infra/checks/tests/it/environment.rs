use std::collections::BTreeSet;

use checks::environment::{Environment, arguments, environment, references, stand_in_others};
use checks::{Container, Faults, containers, overlays};
use clap::{Arg, Command, Parser};

/// A program's settings: a variable for each flag.
struct Settings {
    command: Command,
    /// Why a command line is not taken.
    parse: fn(&[String]) -> Option<String>,
}

fn settings<C: Parser>() -> Settings {
    Settings { command: C::command(), parse: |line| C::try_parse_from(line).err().map(|error| error.to_string()) }
}

/// The program in an image of ours.
fn program(name: &str) -> Option<Settings> {
    Some(match name {
        "auth" => settings::<auth::config::Config>(),
        "tickets" => settings::<tickets::config::Config>(),
        "orders" => settings::<orders::config::Config>(),
        "payments" => settings::<payments::config::Config>(),
        "expiration" => settings::<expiration::config::Config>(),
        "client" => settings::<client::config::Config>(),
        "ops" => settings::<ops::cli::Cli>(),
        _ => return None,
    })
}

/// Every container whose program is ours, with the program.
fn ours() -> impl Iterator<Item = (Container<'static>, Settings)> {
    containers().filter_map(|container| Some((container, program(container.name())?)))
}

/// The command that the arguments name: `ops mongo init` is three deep.
fn named(command: &Command, arguments: &[String]) -> Command {
    let deeper = arguments.first().and_then(|word| command.find_subcommand(word));
    deeper.map_or_else(|| command.clone(), |deeper| named(deeper, &arguments[1..]))
}

fn variables(command: &Command) -> BTreeSet<String> {
    let variables = command.get_arguments().filter_map(Arg::get_env);
    variables.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// The variables of the container that only help others.
fn helpers(container: &Container, known: &BTreeSet<String>) -> BTreeSet<String> {
    stand_in_others(container).into_iter().filter(|name| !known.contains(name)).collect()
}

/// The program's command line if each variable were given as its flag. The environment of this process stays as it is.
pub fn as_flags(command: &Command, arguments: Vec<String>, environment: &Environment) -> Vec<String> {
    let flags = command.get_arguments().filter_map(|flag| {
        let value = environment.get(flag.get_env()?.to_str()?)?;
        Some(format!("--{}={value}", flag.get_long()?))
    });
    [command.get_name().to_owned()].into_iter().chain(arguments).chain(flags).collect()
}

#[test]
fn the_variables_of_a_service_are_exactly_its_settings() {
    let mut faults = Faults::default();
    for (container, settings) in ours().filter(|(container, _)| container.name() != "ops") {
        let known = variables(&settings.command);
        let helpers = helpers(&container, &known);
        let given: BTreeSet<String> =
            environment(&container).into_keys().filter(|name| !helpers.contains(name)).collect();
        for name in known.difference(&given) {
            faults.add(format_args!("{container} does not say {name}"));
        }
        for name in given.difference(&known) {
            faults.add(format_args!("{container} says {name}, which the program does not know"));
        }
    }
    faults.assert_none();
}

/// The command lines that a container is started with: its own, and for a backup's the one that `cargo xtask cluster restore`
/// gives to a Job that is otherwise the same.
fn lines(container: &Container) -> Vec<Vec<String>> {
    let own = arguments(container);
    let restore = match own.as_slice() {
        [store, word] if word == "backup" => {
            Some([store.as_str(), "restore", "--from", "latest", "--replace"].map(str::to_owned))
        }
        _ => None,
    };
    [own].into_iter().chain(restore.map(Vec::from)).collect()
}

#[test]
fn the_variables_of_a_job_are_settings_of_the_commands_that_it_runs() {
    let mut faults = Faults::default();
    for (container, settings) in ours().filter(|(container, _)| container.name() == "ops") {
        let commands = lines(&container).into_iter().map(|line| named(&settings.command, &line));
        let known: BTreeSet<String> = commands.flat_map(|command| variables(&command)).collect();
        let helpers = helpers(&container, &known);
        let given = environment(&container).into_keys();
        for name in given.filter(|name| !known.contains(name) && !helpers.contains(name)) {
            faults.add(format_args!("{container} says {name}, which {:?} does not know", arguments(&container)));
        }
    }
    faults.assert_none();
}

#[test]
fn every_program_takes_its_variables_and_arguments() {
    let mut faults = Faults::default();
    for (container, settings) in ours() {
        for arguments in lines(&container) {
            let command = named(&settings.command, &arguments);
            let line = as_flags(&command, arguments, &environment(&container));
            if let Some(reason) = (settings.parse)(&line) {
                faults.add(format_args!("{container}: {reason}"));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn no_variable_or_argument_refers_to_one_that_comes_later_or_is_not_there() {
    let mut faults = Faults::default();
    for container in containers() {
        let values = environment(&container).into_values().chain(arguments(&container));
        for value in values.filter(|value| !references(value).is_empty()) {
            faults.add(format_args!("{container}: {value} is not filled in"));
        }
    }
    faults.assert_none();
}

#[test]
fn no_variable_is_there_twice() {
    let mut faults = Faults::default();
    for container in containers() {
        let names: Vec<_> = container.list("/env").iter().map(|variable| variable["name"].to_string()).collect();
        let once: BTreeSet<_> = names.iter().collect();
        faults.unless(once.len() == names.len(), format_args!("{container}: {names:?}"));
    }
    faults.assert_none();
}

#[test]
fn services_listen_on_the_ports_that_their_containers_have() {
    let mut faults = Faults::default();
    for (container, _) in ours().filter(|(container, _)| container.name() != "ops") {
        for (variable, port) in [("LISTEN_ADDR", "http"), ("ADMIN_ADDR", "admin")] {
            let port = container.port(&port.into()).unwrap_or_default();
            let address = environment(&container).remove(variable).unwrap_or_default();
            faults.unless(
                address == format!("0.0.0.0:{port}"),
                format_args!("{container}: {variable} is {address}, the port {port}"),
            );
        }
    }
    faults.assert_none();
}

#[test]
fn the_streams_have_as_many_copies_everywhere_as_there_are_servers() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        let servers = overlay.workload("nats").object.at("/spec/replicas").to_string();
        for container in overlay.workloads().flat_map(|workload| workload.containers()) {
            if let Some(copies) = environment(&container).get("STREAM_REPLICAS") {
                faults.unless(*copies == servers, format_args!("{container}: {copies} copies on {servers} servers"));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn every_member_of_a_replica_set_is_initiated() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        for set in overlay
            .workloads()
            .filter(|workload| workload.object.name().ends_with("-mongo") && workload.is_long_running())
        {
            let store = set.object.name();
            let count = set.object.at("/spec/replicas").as_u64().unwrap_or(1);
            let wanted: Vec<String> = (0..count).map(|it| format!("{store}-{it}.{store}-srv:27017")).collect();
            let wanted = format!("--members={}", wanted.join(","));
            let job = overlay.workload(&format!("{store}-init"));
            let given = arguments(&job.containers()[0]);
            faults.unless(given.contains(&wanted), format_args!("{job}: {given:?} has no {wanted}"));
        }
    }
    faults.assert_none();
}
