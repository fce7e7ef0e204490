//! A replica set on its way to the members that are wanted, one step at a time.

use std::fmt;

use anyhow::{Context, Result, anyhow, bail, ensure};
use futures::future::join_all;
use mongodb::bson::{Bson, Document, doc};

use super::member::{Host, Member};
use super::refusal;
use crate::patience::{Attempt, Patience};
use crate::settings::Secret;

/// AlreadyInitialized: it was only still reading its configuration when it said that it had none.
const ALREADY_INITIALIZED: i32 = 23;

/// How long a primary that steps down may wait for another member to catch up, in seconds.
const CATCH_UP_SECONDS: i32 = 10;

/// How long a primary that stepped down may not be elected again, in seconds.
const ABSTAIN_SECONDS: i32 = 60;

/// One change on the way. MongoDB allows one voting member more or less per reconfiguration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// This member joins.
    Add(Host),
    /// This member leaves.
    Remove(Host),
    /// This member is to leave, but is the primary: another must be elected first.
    StepDown(Host),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add(host) => write!(f, "{host} was added to the set"),
            Self::Remove(host) => write!(f, "{host} was removed from the set"),
            Self::StepDown(host) => write!(f, "{host}, which is to leave the set, is no longer its primary"),
        }
    }
}

/// The next step: members join before others leave, so that a majority is never further away than it was.
pub fn next_step(present: &[Host], wanted: &[Host], primary: &Host) -> Option<Step> {
    let missing = wanted.iter().find(|host| !present.contains(host));
    let unwanted = || present.iter().filter(|host| !wanted.contains(host));
    missing
        .map(|host| Step::Add(host.clone()))
        .or_else(|| unwanted().find(|host| *host != primary).map(|host| Step::Remove(host.clone())))
        .or_else(|| unwanted().next().map(|host| Step::StepDown(host.clone())))
}

/// Connections to all members, those that are wanted first.
#[derive(Debug)]
pub struct ReplicaSet {
    name: String,
    key: Secret,
    wanted: Vec<Host>,
    members: Vec<Member>,
}

impl ReplicaSet {
    /// Nothing is asked of the members yet.
    ///
    /// # Errors
    /// When an address cannot be one.
    pub fn new(name: &str, wanted: &[Host], key: Secret) -> Result<Self> {
        let mut set = Self { name: name.to_owned(), key, wanted: wanted.to_owned(), members: Vec::new() };
        set.know(wanted)?;
        Ok(set)
    }

    /// Waits until each wanted member answers.
    ///
    /// # Errors
    /// When one does not in time, or has another key.
    pub async fn wait_for_members(&self, patience: &Patience) -> Result<()> {
        for member in &self.members {
            patience.keep_trying(&member.host.to_string(), async || member.answers().await).await?;
            println!("{} answers", member.host);
        }
        Ok(())
    }

    /// Makes the wanted members a set if none of them belongs to one. True when it did.
    ///
    /// # Errors
    /// When they belong to different sets.
    pub async fn initiate(&mut self) -> Result<Attempt<bool>> {
        let mut found: Option<Document> = None;
        for configuration in join_all(self.members.iter().map(Member::configuration)).await {
            let configuration = match configuration {
                Ok(configuration) => configuration,
                Err(error) => return Ok(Attempt::NotYet(error)),
            };
            let Some(configuration) = configuration else { continue };
            let name = configuration.get_str("_id")?;
            ensure!(name == self.name, "a member belongs to the replica set {name}, not to {}", self.name);
            if found.as_ref().is_some_and(|found| identity(found) != identity(&configuration)) {
                bail!("the members belong to different replica sets, each with data of its own: nothing was changed");
            }
            self.know(&hosts(&configuration)?)?;
            found = Some(configuration);
        }
        if found.is_some() {
            return Ok(Attempt::Done(false));
        }
        let members: Vec<Bson> =
            (0i32..).zip(&self.wanted).map(|(id, host)| doc! { "_id": id, "host": host.to_string() }.into()).collect();
        let first = self.members.first().context("no members")?;
        match first.run(doc! { "replSetInitiate": { "_id": &self.name, "members": members } }).await {
            Ok(_) => Ok(Attempt::Done(true)),
            Err(error) if refusal(&error) == Some(ALREADY_INITIALIZED) => {
                Ok(Attempt::NotYet(anyhow!("{} is reading its configuration", first.host)))
            }
            Err(error) => Ok(Attempt::NotYet(error.into())),
        }
    }

    /// Takes the next step once all members that are to stay are well; nothing when there is none left to take.
    ///
    /// # Errors
    /// When the set's configuration cannot be understood.
    pub async fn take_step(&mut self) -> Result<Attempt<Option<Step>>> {
        let Some(primary) = self.primary().await else {
            return Ok(Attempt::NotYet(anyhow!("there is no primary")));
        };
        let (configuration, status) = match look_at(primary).await {
            Ok(both) => both,
            Err(error) => return Ok(Attempt::NotYet(error)),
        };
        let present = hosts(&configuration)?;
        if let Some(ailing) = present.iter().find(|host| self.wanted.contains(host) && !is_well(&status, host)) {
            return Ok(Attempt::NotYet(anyhow!("{ailing} is {}", state(&status, ailing))));
        }
        let step = next_step(&present, &self.wanted, &primary.host);
        let command = match &step {
            None => return Ok(Attempt::Done(None)),
            Some(Step::Add(host)) => reconfiguration(configuration, |members| add(members, host))?,
            Some(Step::Remove(host)) => reconfiguration(configuration, |members| remove(members, host))?,
            Some(Step::StepDown(_)) => {
                doc! { "replSetStepDown": ABSTAIN_SECONDS, "secondaryCatchUpPeriodSecs": CATCH_UP_SECONDS }
            }
        };
        match primary.run(command).await {
            Ok(_) => {
                self.know(&present)?;
                Ok(Attempt::Done(step))
            }
            Err(error) => Ok(Attempt::NotYet(error.into())),
        }
    }

    /// The member that takes writes.
    pub async fn primary(&self) -> Option<&Member> {
        let answers = join_all(self.members.iter().map(Member::is_primary)).await;
        self.members.iter().zip(answers).find(|(_, is_primary)| *is_primary).map(|(member, _)| member)
    }

    /// Members that are to leave are asked too: one of them may be the primary.
    fn know(&mut self, hosts: &[Host]) -> Result<()> {
        for host in hosts {
            if !self.members.iter().any(|member| member.host == *host) {
                self.members.push(Member::new(host, &self.key)?);
            }
        }
        Ok(())
    }
}

async fn look_at(primary: &Member) -> Result<(Document, Document)> {
    let configuration = primary.configuration().await?.context("the primary has no configuration")?;
    Ok((configuration, primary.run(doc! { "replSetGetStatus": 1 }).await?))
}

/// What a set keeps from its first moment on, whatever becomes of its members.
fn identity(configuration: &Document) -> Option<&Bson> {
    configuration.get_document("settings").ok()?.get("replicaSetId")
}

fn hosts(configuration: &Document) -> Result<Vec<Host>> {
    let members = configuration.get_array("members")?;
    members.iter().map(|member| host(member, "host").with_context(|| format!("{member} has no host"))).collect()
}

fn host(member: &Bson, field: &str) -> Option<Host> {
    member.as_document()?.get_str(field).ok()?.parse().ok()
}

fn state<'a>(status: &'a Document, wanted: &Host) -> &'a str {
    let members = status.get_array("members").map(Vec::as_slice).unwrap_or_default();
    let member = members.iter().find(|member| host(member, "name").as_ref() == Some(wanted));
    member.and_then(|member| member.as_document()?.get_str("stateStr").ok()).unwrap_or("unknown to the primary")
}

fn is_well(status: &Document, host: &Host) -> bool {
    matches!(state(status, host), "PRIMARY" | "SECONDARY")
}

fn reconfiguration(mut configuration: Document, change: impl FnOnce(&mut Vec<Bson>)) -> Result<Document> {
    let version = configuration.get_i32("version")? + 1;
    configuration.insert("version", version);
    change(configuration.get_array_mut("members")?);
    Ok(doc! { "replSetReconfig": configuration, "maxTimeMS": 30_000 })
}

fn add(members: &mut Vec<Bson>, host: &Host) {
    let ids = members.iter().filter_map(|member| member.as_document()?.get_i32("_id").ok());
    let id = ids.max().map_or(0, |last| last + 1);
    members.push(doc! { "_id": id, "host": host.to_string() }.into());
}

fn remove(members: &mut Vec<Bson>, unwanted: &Host) {
    members.retain(|member| host(member, "host").as_ref() != Some(unwanted));
}
