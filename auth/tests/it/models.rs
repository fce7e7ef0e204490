mod email;
mod failures;
