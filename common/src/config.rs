//! Groups of settings that several services share, each a variable of the environment under the original's name.

mod traces;

use std::convert::Infallible;
use std::ffi::OsStr;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Args, Command, ValueEnum};
use ipnet::IpNet;

pub use self::traces::TracesConfig;
use crate::id::Id;

/// Where a service listens and how it logs.
#[derive(Args, Clone, Debug)]
pub struct ProcessConfig {
    /// Address and port of the public API.
    #[arg(long, env = "LISTEN_ADDR", default_value = "0.0.0.0:3000")]
    pub listen_addr: SocketAddr,
    /// Address and port of /healthz, /readyz and /metrics, which the ingress never exposes.
    #[arg(long, env = "ADMIN_ADDR", default_value = "0.0.0.0:9000")]
    pub admin_addr: SocketAddr,
    /// How long a stopping process has to finish requests and events, in seconds.
    #[arg(long, env = "DRAIN_SECONDS", default_value = "20", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub drain_seconds: u64,
    /// What is logged: a level, or a list of target=level.
    #[arg(long, env = "LOG_LEVEL", default_value = "info")]
    pub log_level: String,
    /// Format of the log: text for people, or one JSON object per line.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    #[command(flatten)]
    #[allow(missing_docs, reason = "the group says it")]
    pub traces: TracesConfig,
}

/// What every service needs that answers an API from a database of its own.
#[derive(Args, Clone, Debug)]
#[allow(missing_docs, reason = "each group documents its own settings")]
pub struct ApiConfig {
    #[command(flatten)]
    pub callers: CallerConfig,
    #[command(flatten)]
    pub writes: WritesConfig,
    #[command(flatten)]
    pub mongo: MongoConfig,
    #[command(flatten)]
    pub nats: NatsConfig,
    #[command(flatten)]
    pub session: SessionConfig,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// This machine and the private networks: what stands between the internet and a service is nearly always there.
const PRIVATE_NETWORKS: &str =
    "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,169.254.0.0/16,fc00::/7,fe80::/10";

/// What is believed about where a request comes from.
#[derive(Args, Clone, Debug)]
pub struct CallerConfig {
    /// Addresses and networks, separated by commas. Who connects from one of them is a proxy of ours, whose `X-Forwarded-For` and
    /// `X-Forwarded-Proto` are believed. Loopback and private networks by default; an empty text trusts nobody.
    #[arg(long, env = "TRUSTED_PROXIES", default_value = PRIVATE_NETWORKS)]
    pub trusted_proxies: Networks,
    /// Takes every request for one that came over https, whatever a proxy says: cookies are `Secure`, and browsers are told to come
    /// over nothing else.
    #[arg(long, env = "SECURE_COOKIES", default_value = "false", action = ArgAction::Set)]
    pub secure_cookies: bool,
}

impl Default for CallerConfig {
    fn default() -> Self {
        Self { trusted_proxies: PRIVATE_NETWORKS.parse().unwrap_or_default(), secure_cookies: false }
    }
}

/// Networks, separated by commas; an address alone is a network of one. The list may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNet>);

impl FromStr for Networks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = |network: &str| {
            let address = || network.parse::<IpAddr>().map(IpNet::from);
            network.parse().or_else(|_| address()).map_err(|_| format!("{network:?} is no network such as 10.0.0.0/8"))
        };
        let networks = text.split(',').map(str::trim).filter(|network| !network.is_empty()).map(parse);
        networks.collect::<Result<_, _>>().map(Self)
    }
}

/// How much one account and one address may write. Counted in memory, so each replica allows as much.
#[derive(Args, Clone, Debug)]
pub struct WritesConfig {
    /// How many requests that change something one account has within a minute, per replica.
    #[arg(long, env = "WRITES_PER_MINUTE", default_value_t = WRITES_PER_MINUTE)]
    pub writes_per_minute: NonZeroU32,
    /// How many one network address has, whoever is signed in there.
    #[arg(long, env = "ADDRESS_WRITES_PER_MINUTE", default_value_t = ADDRESS_WRITES_PER_MINUTE)]
    pub address_writes_per_minute: NonZeroU32,
}

const WRITES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(300).unwrap();
const ADDRESS_WRITES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(5000).unwrap();

impl Default for WritesConfig {
    fn default() -> Self {
        Self { writes_per_minute: WRITES_PER_MINUTE, address_writes_per_minute: ADDRESS_WRITES_PER_MINUTE }
    }
}

/// The service's own database.
#[derive(Args, Clone, Debug)]
pub struct MongoConfig {
    /// URI of the service's database, its name included: mongodb://host:27017/name
    #[arg(long, env = "MONGO_URI", hide_env_values = true)]
    pub mongo_uri: Secret,
}

/// At 50 orders a second, five hours of events.
const STREAM_MAX_BYTES: i64 = 1 << 30;

/// The broker.
#[derive(Args, Clone, Debug)]
pub struct NatsConfig {
    /// URL of NATS with JetStream: nats://host:4222, or tls://host:4222 where the connection must be encrypted.
    #[arg(long, env = "NATS_URL", hide_env_values = true)]
    pub nats_url: Secret,
    /// A file with the certificate of the authority that signed the broker's (PEM). With it every connection is encrypted; without
    /// it the system's authorities are trusted.
    #[arg(long, env = "NATS_CA_FILE", default_value = "")]
    pub nats_ca_file: OptionalFile,
    /// Number of copies of each stream: 1, or 3 on a cluster of three servers.
    #[arg(long, env = "STREAM_REPLICAS", default_value = "1", value_parser = clap::value_parser!(u8).range(1..=5))]
    pub stream_replicas: u8,
    /// How many bytes the stream of events may have. Beyond that its oldest messages are dropped, and a service that has not
    /// handled them asks for the state that it missed.
    #[arg(long, env = "STREAM_MAX_BYTES", default_value_t = STREAM_MAX_BYTES, value_parser = clap::value_parser!(i64).range(65_536..))]
    pub stream_max_bytes: i64,
    /// For how many days the stream of events keeps a message.
    #[arg(long, env = "STREAM_MAX_AGE_DAYS", default_value = "7", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub stream_max_age_days: u32,
}

impl NatsConfig {
    /// The broker at this URL, with every other setting as by default.
    pub fn at(nats_url: Secret) -> Self {
        Self {
            nats_url,
            nats_ca_file: OptionalFile::default(),
            stream_replicas: 1,
            stream_max_bytes: STREAM_MAX_BYTES,
            stream_max_age_days: 7,
        }
    }
}

/// The keys of the session tokens.
#[derive(Args, Clone, Debug)]
pub struct SessionConfig {
    /// Keys of the session tokens, separated by commas: the first signs, all verify. Each of at least 32 bytes, made for example by
    /// `openssl rand -hex 32`.
    #[arg(long, env = "JWT_KEY", hide_env_values = true, value_parser = Keys)]
    pub jwt_key: Secret,
}

/// As long as the hash of HS256 (RFC 7518, section 3.2). A shorter one can be guessed.
const SHORTEST_KEY: usize = 32;

/// Reads `JWT_KEY`. What is wrong with it is said without its value, which clap would add.
#[derive(Clone)]
struct Keys;

impl TypedValueParser for Keys {
    type Value = Secret;

    fn parse_ref(&self, _: &Command, _: Option<&Arg>, value: &OsStr) -> Result<Secret, clap::Error> {
        let refused = |problem: &str| clap::Error::raw(ErrorKind::ValueValidation, format!("JWT_KEY: {problem}\n"));
        let text = value.to_str().ok_or_else(|| refused("it is not UTF-8"))?;
        let mut keys = text.split(',').map(str::trim).filter(|key| !key.is_empty()).peekable();
        if keys.peek().is_none() {
            return Err(refused("it contains no key"));
        }
        if keys.any(|key| key.len() < SHORTEST_KEY) {
            return Err(refused("a key is shorter than 32 bytes; `openssl rand -hex 32` makes one"));
        }
        text.parse().map_err(refused)
    }
}

/// Who runs the platform.
#[derive(Args, Clone, Debug, Default)]
pub struct OperatorConfig {
    /// Ids of the users who are operators, separated by commas; none by default.
    #[arg(long, env = "ADMIN_IDS", default_value = "")]
    pub admin_ids: Ids,
}

/// A list of ids, separated by commas. It may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids(pub Vec<Id>);

impl FromStr for Ids {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = |id: &str| id.parse().map_err(|_| format!("{id:?} is not an id of 24 hex digits"));
        let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(parse);
        ids.collect::<Result<_, _>>().map(Self)
    }
}

/// The connections that are told what changes, while they are open.
#[derive(Args, Clone, Debug)]
pub struct LiveConfig {
    /// The most connections for live updates that this process keeps open, of some 10 KB each. Further ones are answered 503.
    #[arg(long, env = "LIVE_CONNECTIONS", default_value = "10000")]
    pub live_connections: usize,
}

/// The path of a file. An empty one means none: so one manifest does with and without it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionalFile(pub Option<PathBuf>);

impl FromStr for OptionalFile {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(Some(text.trim()).filter(|path| !path.is_empty()).map(PathBuf::from)))
    }
}

/// A secret, or none. An alias, because clap would take an empty `Option<Secret>` for a malformed one.
pub type OptionalSecret = Option<Secret>;

/// A secret; an empty text is none.
pub fn secret_or_none(text: &str) -> Result<OptionalSecret, std::convert::Infallible> {
    Ok(text.trim().parse().ok())
}

/// Where the site is: `https://host` or `https://host:port`, without a path; empty when it is not said.
pub fn public_url(text: &str) -> Result<String, &'static str> {
    const EXPECTED: &str = "expected https://host or http://host, without a path";
    if text.is_empty() {
        return Ok(String::new());
    }
    let url = reqwest::Url::parse(text).map_err(|_| EXPECTED)?;
    let origin = url.origin().ascii_serialization();
    let is_web = ["http", "https"].contains(&url.scheme());
    if is_web && url.as_str() == format!("{origin}/") { Ok(origin) } else { Err(EXPECTED) }
}

/// A setting that must not be empty and is never shown, neither in a log nor in `--help`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value itself. Never log it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() { Err("it is empty") } else { Ok(Self(text.to_owned())) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<secret>")
    }
}
