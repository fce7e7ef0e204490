use std::collections::BTreeSet;

use checks::environment::references;
use checks::secrets::{Keys, Secrets, secrets};
use checks::{Container, Faults, containers, overlays, workloads};
use serde_json::Value;

/// A Secret, a key of it, and whether it may be missing.
type Wanted = (String, String, bool);

/// What a container takes out of Secrets.
fn of_container(container: &Container) -> Vec<Wanted> {
    let references = container.list("/env").iter().map(|variable| &variable["valueFrom"]["secretKeyRef"]);
    references.filter(|reference| reference.is_object()).map(|it| wanted(&it["name"], &it["key"], it)).collect()
}

/// What a pod takes out of Secrets as files.
fn of_volumes(volumes: &Value) -> Vec<Wanted> {
    let secrets = volumes.as_array().into_iter().flatten().map(|volume| &volume["secret"]);
    let items = secrets.filter(|secret| secret.is_object()).flat_map(|secret| {
        let items = secret["items"].as_array().expect("a volume takes no more of a Secret than it says").iter();
        items.map(|item| wanted(&secret["secretName"], &item["key"], secret))
    });
    items.collect()
}

fn wanted(name: &Value, key: &Value, reference: &Value) -> Wanted {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(name), text(key), reference["optional"] == true)
}

fn all_wanted() -> Vec<(String, Wanted)> {
    let variables = containers().flat_map(|it| of_container(&it).into_iter().map(move |one| (it.to_string(), one)));
    let files =
        workloads().flat_map(|it| of_volumes(it.pod("/volumes")).into_iter().map(move |one| (it.to_string(), one)));
    variables.chain(files).collect()
}

fn has(keys: &Keys, secret: &str, key: &str) -> bool {
    keys.get(secret).is_some_and(|keys| keys.iter().any(|own| own == key))
}

#[test]
fn every_secret_that_is_asked_for_is_made_or_may_be_missing() {
    let Secrets { generated, optional, .. } = secrets();
    let mut faults = Faults::default();
    for (whose, (secret, key, may_be_missing)) in all_wanted() {
        let is_known = if may_be_missing { has(&optional, &secret, &key) } else { has(&generated, &secret, &key) };
        faults.unless(
            is_known,
            format_args!("{whose} asks for {key} of the Secret {secret} (optional: {may_be_missing})"),
        );
    }
    faults.assert_none();
}

#[test]
fn every_key_that_is_made_is_used() {
    let Secrets { generated, optional, .. } = secrets();
    let used: BTreeSet<(String, String)> =
        all_wanted().into_iter().map(|(_, (secret, key, _))| (secret, key)).collect();
    let made = generated
        .into_iter()
        .chain(optional)
        .flat_map(|(secret, keys)| keys.into_iter().map(move |key| (secret.clone(), key)));
    assert_eq!(used, made.collect());
}

#[test]
fn the_certificate_is_the_one_that_is_made() {
    let mut faults = Faults::default();
    for ingress in overlays().iter().flat_map(|overlay| overlay.of_kind("Ingress")) {
        let names: Vec<&Value> = ingress.list("/spec/tls").iter().map(|tls| &tls["secretName"]).collect();
        let is_known = names.iter().all(|name| secrets().certificate.contains_key(name.as_str().unwrap_or_default()));
        faults.unless(is_known && !names.is_empty(), format_args!("{ingress} has the certificates {names:?}"));
    }
    faults.assert_none();
}

#[test]
fn no_manifest_holds_a_secret() {
    let mut faults = Faults::default();
    for object in overlays().iter().flat_map(|overlay| &overlay.objects) {
        faults.unless(object.kind() != "Secret", format_args!("{object} is a Secret"));
        for text in texts(object.value()) {
            faults.unless(!holds_a_credential(text), format_args!("{object} holds a credential: {text}"));
        }
    }
    faults.assert_none();
}

#[test]
fn no_variable_that_is_named_like_a_secret_has_its_value_in_a_manifest() {
    let mut faults = Faults::default();
    for container in containers() {
        for variable in container.list("/env") {
            let name = variable["name"].as_str().unwrap_or_default();
            let is_named_so = ["PASSWORD", "KEY", "SECRET", "TOKEN"].iter().any(|word| name.contains(word));
            let is_plain = !variable["value"].is_null();
            faults.unless(!(is_named_so && is_plain), format_args!("{container}: {name} stands in the manifest"));
        }
    }
    faults.assert_none();
}

/// Every text in an object, however deep.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// A URL with a password, a configuration with one, or a key. `$(NAME)` and `$NAME` are filled in where it runs.
fn holds_a_credential(text: &str) -> bool {
    let in_url = text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '"', '\'', ' ', '\n']).next().unwrap_or_default();
        let login = authority.rsplit_once('@').map(|(login, _)| login);
        login.and_then(|login| login.split_once(':')).is_some_and(|(_, password)| !is_reference(password))
    });
    let in_configuration = text.split("password").skip(1).any(|rest| {
        let value = rest.trim_start().strip_prefix([':', '=']).map(|value| value.trim_start_matches([' ', '"', '\'']));
        value.is_some_and(|value| !value.starts_with('$'))
    });
    in_url || in_configuration || text.contains("-----BEGIN")
}

fn is_reference(text: &str) -> bool {
    references(text).first().is_some_and(|name| text == format!("$({name})"))
}

#[test]
fn a_credential_is_recognised() {
    for text in
        ["mongodb://auth:hunter2@host/auth", "x: nats://a:b@c", "users: [{user: a, password: b}]", "-----BEGIN KEY"]
    {
        assert!(holds_a_credential(text), "{text}");
    }
    for text in
        ["mongodb://auth:$(PASSWORD)@host/auth", "password: $PASSWORD", "https://api.stripe.com", "http://a:80/b@c"]
    {
        assert!(!holds_a_credential(text), "{text}");
    }
}

#[test]
fn every_volume_of_a_pod_is_mounted() {
    let mut faults = Faults::default();
    for workload in workloads() {
        let mounts: BTreeSet<&str> = workload
            .containers()
            .iter()
            .flat_map(|container| container.list("/volumeMounts"))
            .filter_map(|mount| mount["name"].as_str())
            .collect();
        for volume in workload.pod("/volumes").as_array().into_iter().flatten() {
            let name = volume["name"].as_str().unwrap_or_default();
            faults.unless(mounts.contains(name), format_args!("{workload}: nothing mounts its volume {name}"));
        }
    }
    faults.assert_none();
}
