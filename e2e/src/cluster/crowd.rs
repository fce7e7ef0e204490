//! The people of the load.

use futures::StreamExt;
use futures::stream;

use crate::person::Person;
use crate::site::Site;

/// Few, because an ingress limits how often one address may sign up.
const SELLERS: usize = 2;
const BUYERS: usize = 6;

/// The people of the load: some sell, the others buy.
pub struct Crowd {
    sellers: Vec<Person>,
    buyers: Vec<Person>,
}

impl Crowd {
    /// Somebody new each.
    pub async fn gather(site: &Site) -> Self {
        let people = async |count| stream::repeat(site).take(count).then(Person::sign_up).collect::<Vec<_>>().await;
        Self { sellers: people(SELLERS).await, buyers: people(BUYERS).await }
    }

    /// The seller of a visit.
    pub fn seller(&self, visit: usize) -> &Person {
        &self.sellers[visit % SELLERS]
    }

    /// The buyer of a visit.
    pub fn buyer(&self, visit: usize) -> &Person {
        &self.buyers[visit % BUYERS]
    }

    /// All of them.
    pub fn everybody(&self) -> impl Iterator<Item = &Person> {
        self.sellers.iter().chain(&self.buyers)
    }
}
