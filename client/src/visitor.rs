//! Who asks for a page.

mod headers;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use common::api::{CurrentUserBody, OrderBody};
use common::caller::Caller;
use common::cross_site::is_from_another_site;
use common::id::Id;
use common::timestamp::Timestamp;
use leptos::prelude::IntoAny;
use tokio::sync::OnceCell;

pub use self::headers::set_cookies;
use self::headers::{forwarded, has_session_cookie, origin, sets_session};
use crate::done::Done;
use crate::failure::{Failure, Service};
use crate::language::Language;
use crate::next::Next;
use crate::orders::open::OpenOrders;
use crate::page::{Frame, Page, Prepared, Session, redirect};
use crate::state::{Call, Client};

/// How long the auth service may take to say whose session it is. Every page asks, and most work without the answer.
const SESSION_LIMIT: Duration = Duration::from_secs(1);

/// How long the orders service may take to say what is to be paid. Every page of a signed-in visitor asks, while it asks who that is.
const OPEN_ORDERS_LIMIT: Duration = Duration::from_millis(250);

/// More unpaid orders than a buyer may have.
const MOST_OPEN_ORDERS: usize = 10;

/// A browser and its session. Cheap to clone.
#[derive(Clone)]
pub struct Visitor(Arc<Inner>);

struct Inner {
    client: Client,
    here: Next,
    language: Language,
    /// The headers for the services: the cookies, and the browser's address and scheme.
    forwarded: HeaderMap,
    /// What the browser calls itself, for the list of one's devices.
    agent: Option<HeaderValue>,
    is_secure: bool,
    /// `https://ticketing.dev`, as the browser sees it.
    origin: String,
    /// What is known of the visitor once it is loaded.
    known: OnceCell<Known>,
}

/// What the services know of a visitor with a session.
struct Known {
    session: Session,
    /// The cookies that renew the session while the key of the sessions is being replaced.
    renewed: HeaderMap,
    open_orders: Option<OpenOrders>,
}

impl Visitor {
    fn new(client: &Client, request: &Parts, caller: Caller) -> Self {
        let here = request.uri.path_and_query().map_or_else(Next::default, |path| Next::parse(path.as_str()));
        let (client, language) = (client.clone(), Language::of(&request.headers));
        let agent = request.headers.get(header::USER_AGENT).cloned();
        let (forwarded, is_secure, origin) = (forwarded(request, caller), caller.is_https, origin(request, caller));
        Self(Arc::new(Inner { client, here, language, forwarded, agent, is_secure, origin, known: OnceCell::new() }))
    }

    /// Begins a call of a service for this visitor.
    pub fn call(&self, method: Method, service: Service, path: &str) -> Call {
        let call = self.0.client.call(method, service, path, &self.0.forwarded);
        match (service, &self.0.agent) {
            (Service::Auth, Some(agent)) => call.header(header::USER_AGENT, agent),
            _ => call,
        }
    }

    /// The services, for what is the same for every visitor.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// A page for this visitor.
    pub fn page(&self, title: impl Into<String>, content: impl IntoAny) -> Page {
        Page::new(self.frame(), title, content)
    }

    /// The same with content that was rendered before.
    pub fn prepared(&self, title: impl Into<String>, content: Prepared) -> Page {
        Page::prepared(self.frame(), title, content)
    }

    /// What the frame of a page says about this visitor.
    fn frame(&self) -> Frame {
        let headers = self.headers();
        Frame {
            language: self.language(),
            session: self.session().clone(),
            here: self.0.here.clone(),
            origin: self.origin().to_owned(),
            had_session: has_session_cookie(headers),
            is_secure: self.is_secure(),
            done: Done::read(headers),
            open_orders: self.open_orders(),
        }
    }

    /// Leads to a path of this site, whose page says what was done.
    pub fn lead(&self, done: Done, path: &str) -> Response {
        self.lead_with(HeaderMap::new(), done, path)
    }

    /// The same with cookies that begin or end a session.
    pub fn lead_with(&self, mut cookies: HeaderMap, done: Done, path: &str) -> Response {
        for (name, cookie) in &done.leave(self.is_secure()) {
            cookies.append(name, cookie.clone());
        }
        (cookies, redirect(path)).into_response()
    }

    /// The language that the visitor reads.
    pub fn language(&self) -> Language {
        self.0.language
    }

    /// Stripe's publishable key. Without one, buyers choose one of the sandbox's test cards.
    pub fn stripe_key(&self) -> Option<&str> {
        self.0.client.stripe_key()
    }

    /// Whose session it is, once it is loaded.
    pub fn session(&self) -> &Session {
        self.0.known.get().map_or(&Session::Unknown, |known| &known.session)
    }

    /// The cookies of the request, and the browser's address and scheme.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.forwarded
    }

    /// Whether the browser came over https: then cookies go over nothing else.
    pub fn is_secure(&self) -> bool {
        self.0.is_secure
    }

    /// `https://ticketing.dev`: where the site is, by its settings, else where the browser sees it.
    pub fn origin(&self) -> &str {
        self.0.client.public_url().unwrap_or(&self.0.origin)
    }

    /// The visitor's orders that wait to be paid, once they are loaded.
    pub fn open_orders(&self) -> Option<OpenOrders> {
        self.0.known.get().and_then(|known| known.open_orders)
    }

    /// Whether this is the visitor's own account.
    pub fn is(&self, account: Id) -> bool {
        matches!(self.session(), Session::SignedIn(session) if session.id == account)
    }

    /// Asks whose session it is and what its owner has yet to pay: at most once, and not at all without a session cookie.
    async fn load_session(&self) {
        let load = async || {
            if !has_session_cookie(&self.0.forwarded) {
                return Known { session: Session::Nobody, renewed: HeaderMap::new(), open_orders: None };
            }
            let ((session, renewed), open_orders) = tokio::join!(self.ask_session(), self.ask_open_orders());
            Known { session, renewed, open_orders }
        };
        self.0.known.get_or_init(load).await;
    }

    async fn ask_session(&self) -> (Session, HeaderMap) {
        let call = self.call(Method::GET, Service::Auth, "/api/users/currentuser").timeout(SESSION_LIMIT);
        match call.read_with_headers::<CurrentUserBody>().await {
            Ok((headers, body)) => {
                (body.current_user.map_or(Session::Nobody, Session::SignedIn), set_cookies(&headers))
            }
            Err(_) => (Session::Unknown, HeaderMap::new()),
        }
    }

    /// None while the orders service does not answer quickly.
    async fn ask_open_orders(&self) -> Option<OpenOrders> {
        let breaker = self.0.client.open_orders_breaker();
        if breaker.is_open(Timestamp::now()) {
            return None;
        }
        let path = format!("/api/orders?status=open&sort=newest&limit={MOST_OPEN_ORDERS}");
        let call = self.call(Method::GET, Service::Orders, &path).timeout(OPEN_ORDERS_LIMIT);
        match call.read::<Vec<OrderBody>>().await {
            Ok(orders) => OpenOrders::of(&orders, Timestamp::now()),
            Err(Failure::Unavailable { .. }) => {
                breaker.failed(Timestamp::now());
                None
            }
            Err(_) => None,
        }
    }
}

/// Gives the request its visitor and a failure its page, and hands the browser a renewed session cookie.
///
/// A form that another site posted ends here. The browser sends no session with such a post anyway (SameSite=Lax), but
/// signing in and up need none, and another site could put a visitor into an account of its own.
pub async fn with_visitor(
    client: &Client,
    caller: Caller,
    request: Request,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::new(client, &parts, caller);
    let mut response = if is_from_another_site(&parts.method, &parts.headers, caller) {
        Failure::CrossSite.into_response()
    } else {
        parts.extensions.insert(visitor.clone());
        answer(Request::from_parts(parts, body)).await
    };
    if let Some(failure) = response.extensions().get::<Failure>() {
        visitor.load_session().await;
        response = failure.page(visitor.frame());
    }
    if response.headers().get(header::CONTENT_TYPE).is_some_and(is_page) && Done::read(visitor.headers()).is_some() {
        for (name, cookie) in &Done::end(visitor.is_secure()) {
            response.headers_mut().append(name, cookie.clone());
        }
    }
    // An answer that begins or ends a session has a cookie of its own.
    if let Some(known) = visitor.0.known.get()
        && !sets_session(response.headers())
    {
        for (_, cookie) in known.renewed.iter() {
            response.headers_mut().append(header::SET_COOKIE, cookie.clone());
        }
    }
    response
}

/// Every page says what was done, so that it need not be said again.
fn is_page(media_type: &HeaderValue) -> bool {
    media_type.as_bytes().starts_with(b"text/html")
}

impl FromRequestParts<Client> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, client: &Client) -> Result<Self, Infallible> {
        let visitor = parts.extensions.get::<Self>().cloned();
        // Every request has passed through `with_visitor`.
        let visitor = visitor.unwrap_or_else(|| Self::new(client, parts, Caller::default()));
        visitor.load_session().await;
        Ok(visitor)
    }
}

/// A visitor with a session. Without one the answer is the sign-in page, which leads back.
///
/// While the auth service is unavailable, the service that is called decides.
pub struct SignedIn(pub Visitor);

impl FromRequestParts<Client> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, client: &Client) -> Result<Self, Failure> {
        let Ok(visitor) = Visitor::from_request_parts(parts, client).await;
        if *visitor.session() == Session::Nobody { Err(Failure::NotAuthorized) } else { Ok(Self(visitor)) }
    }
}
