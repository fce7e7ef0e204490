//! Every route of the service.

mod change_password;
mod current_user;
mod delete;
mod end_session;
mod mails;
mod resend;
mod reset;
mod sessions;
mod signin;
mod signout;
mod signup;
mod verify;

use common::contract;
use common::routes::Routes;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use crate::state::Auth;

/// What is said of a link of a mail that was used, has expired or never was.
const LINK_NOT_VALID: &str = "This link is not valid any more";

/// Method, path, handler.
pub fn routes() -> Routes<Auth> {
    Routes::new()
        .post("/api/users/signup", signup::signup)
        .post("/api/users/signin", signin::signin)
        .post("/api/users/signout", signout::signout)
        .get("/api/users/currentuser", current_user::current_user)
        .get("/api/users/sessions", sessions::sessions)
        .delete("/api/users/sessions/{id}", end_session::end_session)
        .post("/api/users/password", change_password::change_password)
        .delete("/api/users/me", delete::delete)
        .post("/api/users/verify", verify::verify)
        .post("/api/users/verify/resend", resend::resend)
        .post("/api/users/reset", reset::reset)
        .get("/api/users/mails", mails::mails)
}

/// What the handlers say of themselves.
#[derive(OpenApi)]
#[openapi(paths(
    signup::signup,
    signin::signin,
    signout::signout,
    current_user::current_user,
    sessions::sessions,
    end_session::end_session,
    change_password::change_password,
    delete::delete,
    verify::verify,
    resend::resend,
    reset::reset,
    mails::mails,
))]
struct Handlers;

/// The routes as they are described to others.
pub fn openapi() -> Document {
    contract::of_service(crate::NAME, Handlers::openapi())
}
