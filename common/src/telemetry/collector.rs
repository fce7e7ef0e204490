//! The collector that spans are posted to, as protobuf over HTTP (OTLP).
//!
//! The exporter calls it on a thread of its own, one batch after another, and keeps a bounded number of spans meanwhile: what does not fit is
//! dropped. So a collector that is slow or unavailable costs spans, and never time of a request.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use reqwest::Client;
use tokio::runtime::{Builder, Runtime};

use crate::http_client;

/// How long one batch may take, as by default in the specification.
const LIMIT: Duration = Duration::from_secs(10);

const CONNECT_LIMIT: Duration = Duration::from_secs(2);

/// Above this a batch takes longer than the exporter pauses between two, and spans pile up.
const SLOW: Duration = Duration::from_secs(5);

/// The client of the exporter.
#[derive(Debug)]
pub struct Collector {
    http: Client,
    /// The exporter's thread belongs to no runtime.
    runtime: Runtime,
    is_taking: AtomicBool,
}

impl Collector {
    /// The collector behind these addresses.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn new(is_encrypted: bool) -> Result<Self, HttpError> {
        let mut http = http_client::builder().timeout(LIMIT).connect_timeout(CONNECT_LIMIT);
        if !is_encrypted {
            // Spares the process reading the system's certificates.
            http = http.tls_certs_only(std::iter::empty::<reqwest::Certificate>());
        }
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { http: http.build()?, runtime, is_taking: AtomicBool::new(true) })
    }

    async fn post(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answer = self.http.execute(request.try_into()?).await?.error_for_status()?;
        Ok(Response::builder().status(answer.status()).body(answer.bytes().await?)?)
    }

    /// Says when it begins and when it ends that spans are lost, and not for every batch.
    fn note(&self, lost: Option<String>) {
        let was_taking = self.is_taking.swap(lost.is_none(), Ordering::Relaxed);
        match lost {
            Some(cause) if was_taking => {
                tracing::warn!(
                    cause,
                    "the collector does not take the spans of traces, they are dropped until it does"
                );
            }
            None if !was_taking => tracing::info!("the collector takes spans again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let began = Instant::now();
        let answer = self.runtime.block_on(self.post(request));
        let late = || (began.elapsed() > SLOW).then(|| format!("it took {:?}", began.elapsed()));
        self.note(match &answer {
            Ok(_) => late(),
            Err(error) => Some(causes(&**error)),
        });
        answer
    }
}

/// An error and what it comes from: the client's own sentence does not say why.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
