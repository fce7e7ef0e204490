use checks::overlay::WITH_GATEWAY_API;
use checks::{Faults, Overlay, overlay, overlays};
use serde_json::Value;

/// One path of an Ingress or an HTTPRoute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The path, without a slash at its end.
    pub path: String,
    /// Whether what is below the path belongs to it.
    is_prefix: bool,
    /// The Service.
    pub service: String,
    /// The object that says so.
    object: String,
}

impl Route {
    /// A prefix is one of whole elements, as for ingress-nginx and the Gateway API.
    fn matches(&self, path: &str) -> bool {
        let rest = path.strip_prefix(&self.path);
        rest.is_some_and(|rest| rest.is_empty() || (self.is_prefix && rest.starts_with('/')))
    }
}

/// Every path of the overlay's way in.
pub fn table(overlay: &Overlay) -> Vec<Route> {
    let mut table = Vec::new();
    for ingress in overlay.of_kind("Ingress") {
        for path in ingress.list("/spec/rules").iter().flat_map(|rule| checks::object::list(rule, "/http/paths")) {
            let service = &path["backend"]["service"];
            assert_eq!(service["port"]["number"], 3000, "{ingress}: {path}");
            table.push(route(&path["path"], path["pathType"] == "Prefix", &service["name"], ingress.name()));
        }
    }
    for route_object in overlay.of_kind("HTTPRoute") {
        for rule in route_object.list("/spec/rules") {
            for (backend, matched) in backends(rule).iter().zip(checks::object::list(rule, "/matches")) {
                assert_eq!(backend["port"], 3000, "{route_object}: {rule}");
                let path = &matched["path"];
                table.push(route(&path["value"], path["type"] == "PathPrefix", &backend["name"], route_object.name()));
            }
        }
    }
    table
}

/// A rule has one backend, or none when it only sends on to https.
fn backends(rule: &Value) -> &[Value] {
    let backends = checks::object::list(rule, "/backendRefs");
    let matches = checks::object::list(rule, "/matches");
    assert!(backends.len() == matches.len() && backends.len() <= 1, "one path and one backend for each rule: {rule}");
    backends
}

fn route(path: &Value, is_prefix: bool, service: &Value, object: &str) -> Route {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Route {
        path: text(path).trim_end_matches('/').to_owned(),
        is_prefix,
        service: text(service),
        object: object.to_owned(),
    }
}

/// Where a request goes: the longest path that matches.
fn chosen<'a>(table: &'a [Route], path: &str) -> Option<&'a Route> {
    table.iter().filter(|route| route.matches(path)).max_by_key(|route| (route.path.len(), !route.is_prefix))
}

/// Service and path of every route of every router.
fn of_the_routers() -> Vec<(&'static str, String)> {
    let tables: [(&str, Vec<common::routes::Route>); 5] = [
        (auth::NAME, auth::routes::routes().table().to_vec()),
        (tickets::NAME, tickets::routes::routes().table().to_vec()),
        (orders::NAME, orders::routes::routes().table().to_vec()),
        (payments::NAME, payments::routes::routes().table().to_vec()),
        (client::NAME, client::routes::routes().table().to_vec()),
    ];
    let sample = |path: &str| path.replace("{id}", "65a1b2c3d4e5f60718293a4b").replace("{file}", "style.css");
    let routes =
        tables.into_iter().flat_map(|(service, table)| table.into_iter().map(move |(_, path)| (service, sample(path))));
    routes.collect()
}

#[test]
fn every_route_of_every_router_is_reached_through_the_ingress() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        let table = table(overlay);
        for (service, path) in of_the_routers() {
            // As in Express, a path with a slash at its end is the same path.
            for path in [path.clone(), format!("{}/", path.trim_end_matches('/'))] {
                let to = chosen(&table, &path).map(|route| route.service.as_str());
                let is_right = to == Some(&format!("{service}-srv"));
                faults.unless(is_right, format_args!("{}: {path} of {service} is sent to {to:?}", overlay.name));
            }
        }
    }
    faults.assert_none();
}

#[test]
fn every_path_of_the_ingress_leads_to_a_route() {
    let mut faults = Faults::default();
    for overlay in overlays() {
        let table = table(overlay);
        for route in &table {
            let is_used = of_the_routers().iter().any(|(service, path)| {
                format!("{service}-srv") == route.service && chosen(&table, path).is_some_and(|chosen| chosen == route)
            });
            faults
                .unless(is_used, format_args!("{}: {}: no route is behind {}", overlay.name, route.object, route.path));
        }
    }
    faults.assert_none();
}

#[test]
fn no_path_is_given_twice_and_each_is_for_the_platforms_host() {
    for overlay in overlays() {
        let mut paths: Vec<String> = table(overlay).into_iter().map(|route| route.path).collect();
        let count = paths.len();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), count, "{}: a path is given twice", overlay.name);
        for object in overlay.of_kind("Ingress") {
            let hosts: Vec<&Value> = object.list("/spec/rules").iter().map(|rule| &rule["host"]).collect();
            let certified: Vec<&Value> =
                object.list("/spec/tls").iter().flat_map(|tls| checks::object::list(tls, "/hosts")).collect();
            assert!(
                hosts == ["ticketing.dev"] && certified == hosts,
                "{object}: {hosts:?}, certificates for {certified:?}"
            );
        }
        for object in overlay.of_kind("HTTPRoute") {
            assert_eq!(object.list("/spec/hostnames"), ["ticketing.dev"], "{object}");
        }
    }
}

#[test]
fn the_gateway_has_the_routes_of_the_ingress_and_no_ingress_beside_it() {
    let prefixes = |overlay: &Overlay, object: &str| {
        let of_object = table(overlay).into_iter().filter(|route| route.object == object);
        let mut routes: Vec<(String, String)> = of_object.map(|route| (route.path, route.service)).collect();
        routes.sort();
        routes
    };
    let gateway = overlay(WITH_GATEWAY_API);
    assert_eq!(prefixes(gateway, "ticketing"), prefixes(overlay("prod"), "ingress-service"));
    assert_eq!(gateway.of_kind("Ingress").count(), 0);
}

#[test]
fn the_limit_on_credentials_is_for_every_form_of_the_paths_that_take_them() {
    let mut faults = Faults::default();
    for overlay in overlays().iter().filter(|overlay| overlay.of_kind("Ingress").count() > 0) {
        let table = table(overlay);
        for path in ["/api/users/signin", "/api/users/signup", "/auth/signin", "/auth/signup"] {
            // Routers take both, so a limit on one would be none.
            for path in [path.to_owned(), format!("{path}/")] {
                let by = chosen(&table, &path).map(|route| route.object.as_str());
                faults
                    .unless(by == Some("ingress-credentials"), format_args!("{}: {path} is not limited", overlay.name));
            }
        }
    }
    faults.assert_none();
}
