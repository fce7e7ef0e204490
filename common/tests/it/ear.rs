use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::id::Id;
use common::listener::{Failure, Handlers, Listeners};
use common::nats::Broker;
use common::testing::eventually;
use futures::future::BoxFuture;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::counter::Counted;

/// The name of the service that listens.
pub const NAME: &str = "ear";

type Act = dyn Fn(Counted) -> BoxFuture<'static, Result<(), Failure>> + Send + Sync;

/// A listener that does what the test says and remembers what it has done.
#[derive(Clone)]
pub struct Ear {
    act: Arc<Act>,
    begun: Arc<Mutex<Vec<Counted>>>,
    handled: Arc<Mutex<Vec<Counted>>>,
}

impl Ear {
    pub fn new<F>(act: impl Fn(Counted) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), Failure>> + Send + 'static,
    {
        Self { act: Arc::new(move |event| Box::pin(act(event))), begun: Arc::default(), handled: Arc::default() }
    }

    /// An ear that is content with everything.
    pub fn content() -> Self {
        Self::new(async |_| Ok(()))
    }

    /// The calls that have begun.
    pub fn begun(&self) -> Vec<Counted> {
        self.begun.lock().unwrap().clone()
    }

    /// The calls that succeeded.
    pub fn handled(&self) -> Vec<Counted> {
        self.handled.lock().unwrap().clone()
    }

    /// How often a call for this aggregate has begun.
    pub fn calls(&self, id: Id) -> usize {
        self.begun().iter().filter(|event| event.id == id).count()
    }

    pub async fn wait_for_begun(&self, count: usize) {
        eventually(&format!("{count} calls begin"), async || (self.begun().len() >= count).then_some(())).await;
    }

    pub async fn wait_for_handled(&self, count: usize) -> Vec<Counted> {
        eventually(&format!("{count} events are handled"), async || {
            let handled = self.handled();
            (handled.len() >= count).then_some(handled)
        })
        .await
    }

    pub fn listen(&self, broker: &Broker) -> Listening {
        self.listen_with(broker, Duration::from_secs(30))
    }

    pub fn listen_with(&self, broker: &Broker, ack_wait: Duration) -> Listening {
        let stop = CancellationToken::new();
        Listening { task: tokio::spawn(self.listeners(broker, ack_wait).run(stop.clone())), stop }
    }

    pub fn listeners(&self, broker: &Broker, ack_wait: Duration) -> Listeners<Self> {
        Listeners::new(NAME, self.clone(), broker.clone(), Handlers::new().on(counted)).ack_wait(ack_wait)
    }
}

async fn counted(ear: Ear, event: Counted) -> Result<(), Failure> {
    ear.begun.lock().unwrap().push(event.clone());
    (ear.act)(event.clone()).await?;
    ear.handled.lock().unwrap().push(event);
    Ok(())
}

/// A process that listens.
pub struct Listening {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Listening {
    pub fn begin_to_stop(&self) {
        self.stop.cancel();
    }

    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    /// Ends it as SIGKILL would: nothing is finished, nothing is given back.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}
