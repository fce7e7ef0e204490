mod current_user;
mod signin;
mod signout;
mod signup;
