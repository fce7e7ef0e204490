//! Where traces go, and which are recorded.

use std::str::FromStr;

use clap::{ArgAction, Args, ValueEnum};
use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::Sampler as SdkSampler;

/// Where traces go, by the variables of OpenTelemetry's specification. Nothing is recorded without a collector. Its libraries read further
/// ones at the start: `OTEL_EXPORTER_OTLP_HEADERS`, and `OTEL_BSP_*` for the size of batches and the pause between them.
#[derive(Args, Clone, Debug)]
pub struct TracesConfig {
    /// Sends no traces, whatever the other settings say.
    #[arg(long, env = "OTEL_SDK_DISABLED", default_value = "false", action = ArgAction::Set)]
    pub otel_sdk_disabled: bool,
    /// Base URL of the collector, as http://collector:4318: spans are posted to /v1/traces there. An empty text means none.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", default_value = "", value_parser = collector)]
    pub otel_exporter_otlp_endpoint: String,
    /// Where spans are posted, path included, if that is elsewhere.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", default_value = "", value_parser = collector)]
    pub otel_exporter_otlp_traces_endpoint: String,
    /// How the collector is spoken to.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_PROTOCOL", default_value = "http/protobuf", value_parser = ["http/protobuf"])]
    pub otel_exporter_otlp_protocol: String,
    /// Which traces are recorded.
    #[arg(long, env = "OTEL_TRACES_SAMPLER", default_value = "parentbased_always_on")]
    pub otel_traces_sampler: Sampler,
    /// The share of traces that a sampler with a ratio records, from 0 to 1.
    #[arg(long, env = "OTEL_TRACES_SAMPLER_ARG", default_value = "1", value_parser = ratio)]
    pub otel_traces_sampler_arg: f64,
    /// The name of this service in traces; an empty text means its own.
    #[arg(long, env = "OTEL_SERVICE_NAME", default_value = "")]
    pub otel_service_name: String,
    /// What every span says of where it comes from: name=value, separated by commas.
    #[arg(long, env = "OTEL_RESOURCE_ATTRIBUTES", default_value = "")]
    pub otel_resource_attributes: Attributes,
}

impl TracesConfig {
    /// Where spans are posted, if anywhere.
    pub fn endpoint(&self) -> Option<String> {
        let base = self.otel_exporter_otlp_endpoint.trim_end_matches('/');
        match self.otel_exporter_otlp_traces_endpoint.as_str() {
            _ if self.otel_sdk_disabled => None,
            "" if base.is_empty() => None,
            "" => Some(format!("{base}/v1/traces")),
            endpoint => Some(endpoint.to_owned()),
        }
    }

    /// The service's name, if it is to be another than its own.
    pub fn service_name(&self) -> Option<&str> {
        let given = self.otel_resource_attributes.0.iter().find(|(name, _)| name == "service.name");
        let given = given.map(|(_, name)| name.as_str());
        Some(self.otel_service_name.as_str()).filter(|name| !name.is_empty()).or(given)
    }

    /// What every span says of where it comes from.
    pub fn attributes(&self) -> impl Iterator<Item = KeyValue> {
        self.otel_resource_attributes.0.iter().map(|(name, value)| KeyValue::new(name.clone(), value.clone()))
    }

    /// Decides which traces are recorded.
    pub fn sampler(&self) -> SdkSampler {
        let by_parent = |otherwise| SdkSampler::ParentBased(Box::new(otherwise));
        let ratio = SdkSampler::TraceIdRatioBased(self.otel_traces_sampler_arg);
        match self.otel_traces_sampler {
            Sampler::AlwaysOn => SdkSampler::AlwaysOn,
            Sampler::AlwaysOff => SdkSampler::AlwaysOff,
            Sampler::Traceidratio => ratio,
            Sampler::ParentbasedAlwaysOn => by_parent(SdkSampler::AlwaysOn),
            Sampler::ParentbasedAlwaysOff => by_parent(SdkSampler::AlwaysOff),
            Sampler::ParentbasedTraceidratio => by_parent(ratio),
        }
    }
}

/// Which traces are recorded: all, none or a share; `parentbased` ones as the caller has decided, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the specification's own names")]
pub enum Sampler {
    AlwaysOn,
    AlwaysOff,
    Traceidratio,
    ParentbasedAlwaysOn,
    ParentbasedAlwaysOff,
    ParentbasedTraceidratio,
}

fn collector(text: &str) -> Result<String, &'static str> {
    let url = reqwest::Url::parse(text);
    let is_web = url.is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    if text.is_empty() || is_web { Ok(text.to_owned()) } else { Err("expected http://host:port or https://host:port") }
}

fn ratio(text: &str) -> Result<f64, &'static str> {
    let ratio = text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or("expected a number from 0 to 1")
}

/// Names with their values: name=value, separated by commas. The list may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes(pub Vec<(String, String)>);

impl FromStr for Attributes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
            _ => Err(format!("{pair:?} is no name=value")),
        };
        let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty()).map(parse);
        pairs.collect::<Result<_, _>>().map(Self)
    }
}
