//! What a container finds in its environment and on its command line, as Kubernetes would fill it in.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::secrets::sample;
use crate::{Container, Workload};

/// Names of variables and their values.
pub type Environment = BTreeMap<String, String>;

/// The container's variables, with a sample for each Secret. A `$(NAME)` stands for a variable that comes before.
pub fn environment(container: &Container) -> Environment {
    let mut environment = Environment::new();
    for variable in container.list("/env") {
        let name = variable["name"].as_str().unwrap_or_default();
        let value = match variable["value"].as_str() {
            Some(value) => filled_in(value, &environment),
            None => referred(&variable["valueFrom"], &container.workload),
        };
        environment.insert(name.to_owned(), value);
    }
    environment
}

/// The container's arguments, filled in.
pub fn arguments(container: &Container) -> Vec<String> {
    let environment = environment(container);
    let arguments = container.list("/args").iter().filter_map(Value::as_str);
    arguments.map(|argument| filled_in(argument, &environment)).collect()
}

/// The variables whose `$(NAME)` stands in another one.
pub fn stand_in_others(container: &Container) -> Vec<String> {
    let values = container.list("/env").iter().filter_map(|variable| variable["value"].as_str());
    let texts = values.chain(container.list("/args").iter().filter_map(Value::as_str));
    texts.flat_map(references).collect()
}

/// The names in `$(NAME)`.
pub fn references(text: &str) -> Vec<String> {
    let is_name = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let names = text.split("$(").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    names.filter(is_name).map(str::to_owned).collect()
}

/// One that refers to nothing known stays as it stands, as on the cluster.
fn filled_in(text: &str, environment: &Environment) -> String {
    references(text).iter().fold(text.to_owned(), |text, name| match environment.get(name) {
        Some(value) => text.replace(&format!("$({name})"), value),
        None => text,
    })
}

fn referred(from: &Value, workload: &Workload) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let secret = &from["secretKeyRef"];
    if secret.is_object() {
        return sample(&text(&secret["name"]), &text(&secret["key"]));
    }
    match from["fieldRef"]["fieldPath"].as_str().unwrap_or_default() {
        "metadata.name" => format!("{}-0", workload.object.name()),
        "status.podIP" => "192.0.2.1".to_owned(),
        path => {
            let label = path.trim_start_matches("metadata.labels['").trim_end_matches("']");
            workload.labels().get(label).cloned().unwrap_or_default()
        }
    }
}
