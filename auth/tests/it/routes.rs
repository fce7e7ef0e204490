mod change_password;
mod current_user;
mod delete;
mod end_session;
mod sessions;
mod signin;
mod signout;
mod signup;
