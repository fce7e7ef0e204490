mod forgot;
mod reset;
mod signin;
mod signout;
mod signup;
mod verify;
