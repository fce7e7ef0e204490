//! Every route of the service.

mod current_user;
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
}
