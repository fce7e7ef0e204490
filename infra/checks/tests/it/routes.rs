use serde_json::Value;

use crate::overlay::{Overlay, WITH_GATEWAY_API, assert_none, list, overlay, overlays, text};

/// One prefix of an Ingress or an HTTPRoute.
#[derive(Debug, PartialEq)]
struct Route<'a> {
    /// Without a slash at its end.
    prefix: &'a str,
    service: &'a str,
    /// The object that says so.
    object: &'a str,
}

impl<'a> Route<'a> {
    fn new(prefix: &'a Value, service: &'a Value, object: &'a Value) -> Self {
        let (service, object) = (text(service).trim_end_matches("-srv"), text(&object["metadata"]["name"]));
        Self { prefix: text(prefix).trim_end_matches('/'), service, object }
    }

    /// A prefix is one of whole elements, as for ingress-nginx and the Gateway API.
    fn matches(&self, path: &str) -> bool {
        path.strip_prefix(self.prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Every route of the overlay's Ingresses or HTTPRoutes.
fn table(overlay: &Overlay) -> Vec<Route<'_>> {
    let mut table = Vec::new();
    for ingress in overlay.of_kind("Ingress") {
        for path in list(&ingress["spec"]["rules"]).iter().flat_map(|rule| list(&rule["http"]["paths"])) {
            assert_eq!(path["pathType"], "Prefix");
            table.push(Route::new(&path["path"], &path["backend"]["service"]["name"], ingress));
        }
    }
    for http_route in overlay.of_kind("HTTPRoute") {
        // A rule without a backend only redirects to https.
        for rule in list(&http_route["spec"]["rules"]).iter().filter(|rule| rule["backendRefs"].is_array()) {
            let path = &rule["matches"][0]["path"];
            assert_eq!((list(&rule["matches"]).len(), text(&path["type"])), (1, "PathPrefix"));
            table.push(Route::new(&path["value"], &rule["backendRefs"][0]["name"], http_route));
        }
    }
    table
}

/// Where a request goes: the longest prefix that matches.
fn chosen<'a>(table: &'a [Route], path: &str) -> Option<&'a Route<'a>> {
    table.iter().filter(|route| route.matches(path)).max_by_key(|route| route.prefix.len())
}

/// Service and path of every route of every router, without and with a slash at the end: as in Express, both are the same.
fn of_the_routers() -> Vec<(&'static str, String)> {
    let tables = [
        (auth::NAME, auth::routes::routes().table().to_vec()),
        (tickets::NAME, tickets::routes::routes().table().to_vec()),
        (orders::NAME, orders::routes::routes().table().to_vec()),
        (payments::NAME, payments::routes::routes().table().to_vec()),
        (client::NAME, client::routes::routes().table().to_vec()),
    ];
    let routes =
        tables.into_iter().flat_map(|(service, table)| table.into_iter().map(move |(_, path)| (service, path)));
    routes.flat_map(|(service, path)| [(service, path.to_owned()), (service, format!("{path}/"))]).collect()
}

#[test]
fn every_route_of_every_router_is_reached() {
    let mut problems = Vec::new();
    for overlay in overlays() {
        let table = table(overlay);
        for (service, path) in of_the_routers() {
            let target = chosen(&table, &path).map(|route| route.service);
            if target != Some(service) {
                problems.push(format!("{}: {path} of {service} is sent to {target:?}", overlay.name));
            }
        }
    }
    assert_none(problems);
}

#[test]
fn every_prefix_leads_to_a_route() {
    let mut problems = Vec::new();
    for overlay in overlays() {
        let table = table(overlay);
        for route in &table {
            let is_used = |(service, path): &(&str, String)| {
                route.service == *service && chosen(&table, path).is_some_and(|chosen| chosen.prefix == route.prefix)
            };
            if !of_the_routers().iter().any(is_used) {
                problems.push(format!("{}: no route is behind {route:?}", overlay.name));
            }
        }
    }
    assert_none(problems);
}

#[test]
fn the_gateway_has_the_routes_of_the_ingress_and_no_ingress_beside_it() {
    let of_object = |overlay: &'static Overlay, object: &str| {
        let routes = table(overlay).into_iter().filter(|route| route.object == object);
        let mut routes: Vec<_> = routes.map(|route| (route.prefix, route.service)).collect();
        routes.sort_unstable();
        routes
    };
    let gateway = overlay(WITH_GATEWAY_API);
    for object in ["ticketing", "ticketing-reads"] {
        assert_eq!(of_object(gateway, object), of_object(overlay("prod"), "ingress-service"), "{object}");
    }
    assert_eq!(gateway.of_kind("Ingress").count(), 0);
}

/// Whoever has asked too often is told so by the services, in JSON or on a page; the ingress would say it in words of its own.
#[test]
fn the_ingress_limits_sizes_and_connections_and_not_how_often_somebody_asks() {
    for overlay in ["dev", "prod"].map(overlay) {
        for ingress in overlay.of_kind("Ingress") {
            let annotation = |name: &str| text(&ingress["metadata"]["annotations"][annotation_name(name)]).to_owned();
            for name in ["limit-rps", "limit-rpm", "limit-whitelist", "limit-allowlist"] {
                assert_eq!(annotation(name), "", "{}: {name}", overlay.name);
            }
            assert_eq!(annotation("proxy-body-size"), "4m");
            assert!(annotation("limit-connections").parse::<u32>().unwrap() >= 1000, "people share addresses");
            let next = annotation("proxy-next-upstream");
            assert!(next.contains("http_503") && !next.contains("non_idempotent"), "{next}");
        }
    }
}

fn annotation_name(name: &str) -> String {
    format!("nginx.ingress.kubernetes.io/{name}")
}

/// A policy of Envoy Gateway that repeats answers, and not just failed connections, is one for reading alone.
#[test]
fn the_gateway_repeats_only_reads_that_were_sent() {
    let gateway = overlay(WITH_GATEWAY_API);
    let reads = gateway.object("HTTPRoute", &"ticketing-reads".into());
    for rule in list(&reads["spec"]["rules"]) {
        assert_eq!(rule["matches"][0]["method"], "GET", "{rule}");
    }
    for policy in gateway.of_kind("BackendTrafficPolicy") {
        let triggers = list(&policy["spec"]["retry"]["retryOn"]["triggers"]);
        let harmless = ["connect-failure", "refused-stream", "reset-before-request"];
        let repeats = !triggers.iter().all(|trigger| harmless.contains(&text(trigger)));
        assert!(!triggers.is_empty());
        assert_eq!(repeats, policy["spec"]["targetRefs"][0]["name"] == "ticketing-reads", "{policy}");
    }
}
