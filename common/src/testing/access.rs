//! What every service refuses, whatever it does.

use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};
use serde_json::Value;

use super::{App, User};
use crate::id::Id;
use crate::routes::Routes;

/// The flags of a service that [`limits_changes`].
pub const FEW_CHANGES: [(&str, &str); 2] = [("writes-per-minute", "2"), ("address-writes-per-minute", "4")];

/// Fails unless every route that changes something refuses a page of another site, although the browser adds the user's session.
/// The id stands in every path that has one.
pub async fn refuses_other_sites<S>(app: &App, routes: &Routes<S>, user: &User, id: Id, body: &Value)
where
    S: Clone + Send + Sync + 'static,
{
    for (method, path) in routes.table().iter().filter(|(method, _)| *method != Method::GET) {
        let path = path.replace("{id}", &id.to_string()).replace("{order_id}", &id.to_string());
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
            let request = app.request(method.clone(), &path).header(COOKIE, &user.cookie).header(name, value);
            let answer = App::send(request.json(body)).await;
            assert!(!answer.headers.contains_key(SET_COOKIE), "{path}");
            answer.expect_errors(403, &[("Not allowed from another site", None)]);
        }
    }
}

/// Fails unless an account and an address may make a few POST requests to this path within a minute, and no more. The service has
/// the flags [`FEW_CHANGES`].
pub async fn limits_changes(app: &App, path: &str) {
    let (ann, bob) = (User::new(), User::new());
    for (user, address, limited) in [
        (&ann, "192.0.2.1", false),
        (&ann, "192.0.2.1", false),
        (&ann, "192.0.2.2", true),
        (&bob, "192.0.2.1", false),
        (&bob, "192.0.2.1", false),
        (&User::new(), "192.0.2.1", true),
        (&User::new(), "192.0.2.2", false),
    ] {
        let request = app.request(Method::POST, path).header(COOKIE, &user.cookie);
        let answer = App::send(request.header("x-forwarded-for", address)).await;
        assert_eq!(answer.status == 429, limited, "{answer:?}");
    }
}
