//! From a message's bytes to a plain async function `(state, event) -> Result<(), Failure>`.

use std::convert::Infallible;
use std::marker::PhantomData;

use futures::future::BoxFuture;
use serde::Deserialize;

use crate::events::Event;
use crate::id::Id;
use crate::mongo::{ChangeError, StoreError};

/// Why an event was not handled.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// A store or provider is away: tried again for ever.
    #[error("{0}")]
    Away(String),
    /// The handler failed: tried again a few times, then parked.
    #[error("{0}")]
    Failed(String),
    /// The message is none of the events we know: parked at once.
    #[error("{0}")]
    Undecodable(String),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            // Replicas that race for the same document settle it in the next turn.
            StoreError::Away(_) | StoreError::Conflict => Self::Away(error.to_string()),
            StoreError::Duplicate | StoreError::Other(_) => Self::Failed(error.to_string()),
        }
    }
}

impl From<ChangeError<Infallible>> for Failure {
    fn from(error: ChangeError<Infallible>) -> Self {
        match error {
            ChangeError::NotFound => Self::Failed("there is no such aggregate".to_owned()),
            ChangeError::Refused(never) => match never {},
            ChangeError::Store(error) => error.into(),
        }
    }
}

/// A plain async function that handles one kind of event. Every `async fn(&S, E) -> Result<(), Failure>` is one.
pub trait Handler<'a, S, E>: Send + Sync + 'static {
    /// What the function returns.
    type Future: Future<Output = Result<(), Failure>> + Send + 'a;

    /// Calls the function.
    fn call(&self, state: &'a S, event: E) -> Self::Future;
}

impl<'a, S: 'a, E, F, Fut> Handler<'a, S, E> for F
where
    F: Fn(&'a S, E) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Failure>> + Send + 'a,
{
    type Future = Fut;

    fn call(&self, state: &'a S, event: E) -> Fut {
        self(state, event)
    }
}

/// A handler whose event type is no longer visible.
pub trait Prepare<S>: Send + Sync {
    /// The aggregate that the message speaks of, if it can be decoded.
    fn aggregate(&self, payload: &[u8]) -> Option<Id>;

    /// Decodes the message and calls the handler.
    fn call<'a>(&'a self, state: &'a S, payload: &'a [u8]) -> BoxFuture<'a, Result<(), Failure>>;
}

/// A handler together with its event type.
pub struct Handle<H, E>(H, PhantomData<fn() -> E>);

impl<H, E> Handle<H, E> {
    /// Binds the two.
    pub fn new(handler: H) -> Self {
        Self(handler, PhantomData)
    }
}

impl<S: Sync, E: Event, H: for<'a> Handler<'a, S, E>> Prepare<S> for Handle<H, E> {
    fn aggregate(&self, payload: &[u8]) -> Option<Id> {
        decode::<E>(payload).ok().map(|event| event.aggregate())
    }

    fn call<'a>(&'a self, state: &'a S, payload: &'a [u8]) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let event =
                decode(payload).map_err(|error| Failure::Undecodable(format!("this is no {}: {error}", E::SUBJECT)))?;
            self.0.call(state, event).await
        })
    }
}

fn decode<'a, E: Deserialize<'a>>(payload: &'a [u8]) -> Result<E, serde_json::Error> {
    serde_json::from_slice(payload)
}
