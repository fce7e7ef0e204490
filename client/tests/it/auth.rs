mod signin;
mod signout;
mod signup;
