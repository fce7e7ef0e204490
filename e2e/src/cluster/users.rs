//! The users of the load.

use common::testing::HttpClient;

use crate::person::Person;

/// Few, because an ingress limits how often one address may sign up.
const SELLERS: usize = 2;
const BUYERS: usize = 6;

/// The users of the load: some sell, the others buy.
pub struct Users(Vec<Person>);

impl Users {
    /// Somebody new each.
    pub async fn sign_up(site: &HttpClient) -> Self {
        let mut users = Vec::new();
        for _ in 0..SELLERS + BUYERS {
            users.push(Person::sign_up(site).await);
        }
        Self(users)
    }

    /// All of them.
    pub fn all(&self) -> &[Person] {
        &self.0
    }

    /// The seller and the buyer of a visit.
    pub fn of_visit(&self, number: usize) -> (&Person, &Person) {
        (&self.0[number % SELLERS], &self.0[SELLERS + number % BUYERS])
    }
}
