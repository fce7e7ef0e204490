//! A router that remembers its routes, so that tests and checks can walk them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};

use crate::error::ApiError;
use crate::extract::MAX_BODY_BYTES;

/// A method and a full path such as `/api/orders/{id}`.
pub type Route = (Method, &'static str);

/// A service's table of contents: one call for each route.
pub struct Routes<S> {
    table: Vec<Route>,
    router: Router<S>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    #[allow(clippy::new_without_default, reason = "an empty table is a start, not a default")]
    pub fn new() -> Self {
        Self { table: Vec::new(), router: Router::new() }
    }

    /// Answers GET (and HEAD) at the path.
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::GET, MethodFilter::GET, path, handler)
    }

    /// Answers POST at the path.
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::POST, MethodFilter::POST, path, handler)
    }

    /// Answers PUT at the path.
    pub fn put<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::PUT, MethodFilter::PUT, path, handler)
    }

    /// Answers DELETE at the path.
    pub fn delete<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.on(Method::DELETE, MethodFilter::DELETE, path, handler)
    }

    fn on<H: Handler<T, S>, T: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        handler: H,
    ) -> Self {
        self.table.push((method, path));
        self.router = self.router.route(path, on(filter, handler));
        self
    }

    /// Every route, in the order of the table.
    pub fn table(&self) -> &[Route] {
        &self.table
    }

    /// The router itself, with the limit on bodies. Everything else is 404 `Not found`, an unknown method of a known path
    /// included, as in the original.
    pub fn into_router(self, state: S) -> Router {
        // The method fallback goes to the routes that are there when it is set.
        let router = self.router.fallback(not_found).method_not_allowed_fallback(not_found);
        router.layer(DefaultBodyLimit::max(MAX_BODY_BYTES)).with_state(state)
    }
}

async fn not_found() -> ApiError {
    ApiError::NotFound
}
