//! What the contracts in `contracts` are made of: the OpenAPI document of each service, and the schemas of the events.
//!
//! A handler says what is its own by `#[utoipa::path]`. What holds for every call is added here, once.

mod messages;
mod refusals;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{Info, OpenApi, Paths, RefOr, Required};
use utoipa::{IntoResponses, ToSchema};

pub use self::messages::{Message, messages};
use self::refusals::refusals;
pub use self::refusals::{
    Conflict, CrossSite, Internal, Limited, NotAuthorized, NotFound, Refused, TooLarge, TooSlow, Unavailable,
    UnknownKind,
};
use crate::api::ErrorBody;

/// The document of a service: what its handlers say, and what holds for all of them.
pub fn of_service(name: &str, mut document: OpenApi) -> OpenApi {
    for path in document.paths.paths.values_mut() {
        let reads = path.get.iter_mut().map(|operation| (operation, false));
        let writes = [&mut path.post, &mut path.put, &mut path.delete].into_iter().flatten();
        for (operation, is_write) in reads.chain(writes.map(|operation| (operation, true))) {
            complete(operation, name, is_write);
        }
    }
    let components = document.components.get_or_insert_default();
    components.responses = refusals();
    components.schemas.extend(schemas_of::<ErrorBody>());
    let session = ApiKeyValue::with_description("session", "Set by signing up and signing in.");
    components.security_schemes.insert("session".to_owned(), SecurityScheme::ApiKey(ApiKey::Cookie(session)).into());
    document
}

/// Adds what `common::service` does with every request, and makes the first line of the handler's documentation a title.
fn complete(operation: &mut Operation, service: &str, is_write: bool) {
    operation.tags = Some(vec![service.to_owned()]);
    operation.operation_id = operation.operation_id.as_ref().map(|handler| format!("{service}_{handler}"));
    if let Some(documentation) = operation.summary.take() {
        let text = documentation.split_whitespace().collect::<Vec<_>>().join(" ");
        // Without the method and the path, by which one finds the handler.
        let text = text.split_once("`: ").map_or(text.as_str(), |(_, text)| text);
        let text = text.chars().take(1).flat_map(char::to_uppercase).chain(text.chars().skip(1)).collect::<String>();
        operation.summary = text.split(['.', ':', ';']).next().map(str::to_owned);
        operation.description = Some(text);
    }
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = Some(Required::True);
    }
    for (status, response) in &mut operation.responses.responses {
        if let (RefOr::T(response), Ok(status)) = (response, StatusCode::from_bytes(status.as_bytes())) {
            response.description = status.canonical_reason().unwrap_or_default().to_owned();
        }
    }
    let everywhere = [Internal::responses(), Unavailable::responses()];
    let of_writes = is_write.then(|| [CrossSite::responses(), Limited::responses()]);
    let of_bodies = operation.request_body.is_some();
    let of_bodies = of_bodies.then(|| [TooSlow::responses(), TooLarge::responses(), UnknownKind::responses()]);
    let all = everywhere.into_iter().chain(of_writes.into_iter().flatten()).chain(of_bodies.into_iter().flatten());
    operation.responses.responses.extend(all.flatten());
}

/// The documents of all services as one.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn merged(documents: impl IntoIterator<Item = OpenApi>) -> serde_json::Result<Value> {
    let platform = OpenApi::new(Info::new("Ticketing", env!("CARGO_PKG_VERSION")), Paths::new());
    let mut document = serde_json::to_value(documents.into_iter().fold(platform, OpenApi::merge_from))?;
    absent_is_not_null(&mut document);
    Ok(document)
}

/// The schemas of a type and of all that stands in it, by their names.
fn schemas_of<T: ToSchema>() -> BTreeMap<String, RefOr<Schema>> {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    schemas.into_iter().collect()
}

/// An `Option` that may be absent is described as one that may be `null` as well. It never is in what we write: it is left out.
fn absent_is_not_null(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let required = fields.get("required").cloned().unwrap_or_default();
            let is_required = |name: &str| required.as_array().is_some_and(|names| names.iter().any(|it| it == name));
            let properties = fields.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten();
            properties.filter(|(name, _)| !is_required(name)).for_each(|(_, property)| drop_null(property));
            // A parameter.
            if let Some(schema) = fields.get_mut("schema").filter(|_| required == false) {
                drop_null(schema);
            }
            fields.values_mut().for_each(absent_is_not_null);
        }
        Value::Array(values) => values.iter_mut().for_each(absent_is_not_null),
        _ => {}
    }
}

fn drop_null(schema: &mut Value) {
    let alternatives = |keyword: &str| schema.get(keyword).and_then(Value::as_array).map(Vec::as_slice);
    match (alternatives("oneOf"), alternatives("type")) {
        (Some([only, other]), _) if *other == json!({"type": "null"}) => *schema = only.clone(),
        (_, Some([only, other])) if other == "null" => schema["type"] = only.clone(),
        _ => {}
    }
}
