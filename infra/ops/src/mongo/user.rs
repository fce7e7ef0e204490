//! The user as whom a service works on its own database, and on no other.

use std::fmt;

use anyhow::{Context, Result};
use mongodb::bson::{Bson, Document, doc};

use super::majority;
use super::member::Member;
use crate::settings::Secret;

/// Whom to make.
#[derive(Debug)]
pub struct User<'a> {
    /// The name.
    pub name: &'a str,
    /// The password that is valid from now on.
    pub password: &'a Secret,
    /// The database to which the user belongs and is confined.
    pub database: &'a str,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// There was no such user.
    Created,
    /// The password was another.
    NewPassword,
    /// The password was right, the roles were not.
    NewRoles,
    /// Nothing.
    Nothing,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "was created",
            Self::NewPassword => "has a new password",
            Self::NewRoles => "has its roles again",
            Self::Nothing => "is as wanted",
        })
    }
}

impl User<'_> {
    /// Makes or corrects the user. When it returns, a majority of the members knows.
    ///
    /// # Errors
    /// What the driver says.
    pub async fn ensure(&self, primary: &Member) -> Result<Change> {
        let info = doc! { "usersInfo": { "user": self.name, "db": self.database } };
        let answer = primary.run_in(self.database, info).await.context("the users cannot be read")?;
        let change = match answer.get_array("users")?.first().and_then(Bson::as_document) {
            None => Change::Created,
            Some(_) if !primary.takes_login(self.name, self.password, self.database).await? => Change::NewPassword,
            Some(user) if !self.has_its_roles(user) => Change::NewRoles,
            Some(_) => return Ok(Change::Nothing),
        };
        let verb = if change == Change::Created { "createUser" } else { "updateUser" };
        let command = doc! {
            verb: self.name,
            "pwd": self.password.expose(),
            "roles": [self.role()],
            "mechanisms": ["SCRAM-SHA-256"],
            "writeConcern": majority(),
        };
        primary.run_in(self.database, command).await.with_context(|| format!("user {} was refused", self.name))?;
        Ok(change)
    }

    fn role(&self) -> Document {
        doc! { "role": "readWrite", "db": self.database }
    }

    fn has_its_roles(&self, user: &Document) -> bool {
        user.get_array("roles").is_ok_and(|roles| *roles == [Bson::from(self.role())])
    }
}
