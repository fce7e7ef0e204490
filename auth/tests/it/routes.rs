mod change_password;
mod current_user;
mod delete;
mod end_session;
mod sessions;
pub mod signin;
mod signout;
mod signup;
