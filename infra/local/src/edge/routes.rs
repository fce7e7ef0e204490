//! Which backend a path belongs to, as the cluster's ingress manifest says.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

const MANIFEST: &str = include_str!("../../../k8s/base/ingress.yaml");

/// Path prefixes and the services behind them, longest prefix first.
#[derive(Debug, Clone)]
pub struct Routes(Vec<(String, String)>);

impl Routes {
    /// The routes of `infra/k8s/base/ingress.yaml`, as it was when this was compiled.
    pub fn of_the_ingress() -> Result<Self> {
        Self::read(MANIFEST).context("infra/k8s/base/ingress.yaml cannot be read")
    }

    /// The routes of an Ingress manifest, whatever hosts they are for. A service is named without its `-srv`.
    pub fn read(manifest: &str) -> Result<Self> {
        let ingress: Ingress = serde_norway::from_str(manifest)?;
        let paths: Vec<Path> = ingress.spec.rules.into_iter().flat_map(|rule| rule.http.paths).collect();
        let other = paths.iter().find(|path| path.path_type != "Prefix");
        ensure!(other.is_none(), "only paths of pathType Prefix are understood, not {other:?}");
        let mut routes: Vec<_> = paths
            .into_iter()
            .map(|path| {
                let service = path.backend.service.name;
                let service = service.strip_suffix("-srv").unwrap_or(&service).to_owned();
                (path.path.trim_end_matches('/').to_owned(), service)
            })
            .collect();
        routes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Ok(Self(routes))
    }

    /// The service for a request path. A prefix matches whole path elements only.
    pub fn service(&self, path: &str) -> Option<&str> {
        let matches =
            |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.0.iter().find(|(prefix, _)| matches(prefix)).map(|(_, service)| service.as_str())
    }
}

#[derive(Deserialize)]
struct Ingress {
    spec: Spec,
}

#[derive(Deserialize)]
struct Spec {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    http: Http,
}

#[derive(Deserialize)]
struct Http {
    paths: Vec<Path>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Path {
    path: String,
    path_type: String,
    backend: Backend,
}

#[derive(Debug, Deserialize)]
struct Backend {
    service: Service,
}

#[derive(Debug, Deserialize)]
struct Service {
    name: String,
}
