//! Every route of the service.

mod change_password;
mod current_user;
mod delete;
mod end_session;
mod sessions;
mod signin;
mod signout;
mod signup;

use common::routes::Routes;

use crate::state::Auth;

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
}
