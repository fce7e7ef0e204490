//! Who sends a request, as far as the network tells: from which address, and whether over https. Nobody can choose either by writing
//! a header, because only proxies of ours are believed.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::config::CallerConfig;
use crate::error::ApiError;

/// The addresses that a request has passed, the newest last.
pub const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// `https` or `http`: how a request came to the proxy.
pub const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Who sends a request. It is in the extensions of every request to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The address of the connection, or the one that the proxies of ours saw. One of IPv4 is always written as such.
    pub address: IpAddr,
    /// Whether the request came over https, or shall be taken for one that did.
    pub is_https: bool,
}

/// What limits count by: an address of IPv4, or 64 bits of one of IPv6, for whoever has one has them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Caller {
    /// Where the caller is, for counting.
    pub fn network(&self) -> Network {
        Network(match self.address {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        })
    }
}

impl fmt::Display for Network {
    /// Its lowest address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Default for Caller {
    /// Somebody of whom nothing is known.
    fn default() -> Self {
        Self { address: Ipv4Addr::UNSPECIFIED.into(), is_https: false }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get().copied().ok_or_else(|| ApiError::internal("the request has no caller"))
    }
}

/// Tells who the callers are. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Callers {
    trusted: Arc<[IpNet]>,
    always_https: bool,
}

impl Callers {
    /// By these settings.
    pub fn new(config: &CallerConfig) -> Self {
        Self { trusted: config.trusted_proxies.0.clone().into(), always_https: config.secure_cookies }
    }

    /// The caller behind a connection. The hops of a trusted proxy are read from the newest on, as long as each is a trusted proxy
    /// itself: the first that is not is the caller, for what stands before it was written by whoever that is.
    pub fn identify(&self, peer: IpAddr, headers: &HeaderMap) -> Caller {
        let peer = peer.to_canonical();
        if !self.is_trusted(peer) {
            return Caller { address: peer, is_https: self.always_https };
        }
        let mut address = peer;
        for hop in values(headers, &FORWARDED_FOR).rev() {
            // Behind what is no address nothing can be known.
            let Some(hop) = parse(hop) else { break };
            address = hop;
            if !self.is_trusted(hop) {
                break;
            }
        }
        let is_https = values(headers, &FORWARDED_PROTO).next_back().is_some_and(|it| it.eq_ignore_ascii_case("https"));
        Caller { address, is_https: is_https || self.always_https }
    }

    fn is_trusted(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(&address))
    }
}

impl Default for Callers {
    fn default() -> Self {
        Self::new(&CallerConfig::default())
    }
}

/// The parts of a list, which may be spread over several headers. One that is no text is an empty part.
fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl DoubleEndedIterator<Item = &'a str> {
    let lists = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
    lists.flat_map(|list| list.split(',')).map(str::trim)
}

/// An address, also with a port, as some proxies write it.
fn parse(hop: &str) -> Option<IpAddr> {
    let address = hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|hop| hop.ip()));
    let address = address.or_else(|_| hop.trim_matches(['[', ']']).parse());
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::{Caller, Callers, FORWARDED_FOR, FORWARDED_PROTO};
    use crate::config::CallerConfig;

    fn address(callers: &Callers, peer: &str, hops: &[&'static str]) -> String {
        let hops = hops.iter().map(|hop| (FORWARDED_FOR, HeaderValue::from_static(hop)));
        callers.identify(peer.parse().unwrap(), &hops.collect()).address.to_string()
    }

    fn trusting(networks: &str) -> Callers {
        Callers::new(&CallerConfig { trusted_proxies: networks.parse().unwrap(), secure_cookies: false })
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_of_ours_is_the_caller() {
        let callers = Callers::default();
        for (peer, hops, caller) in [
            ("10.1.2.3", &[] as &[&str], "10.1.2.3"),
            ("10.1.2.3", &["192.0.2.1"], "192.0.2.1"),
            ("::ffff:10.1.2.3", &["192.0.2.1"], "192.0.2.1"),
            ("10.1.2.3", &["6.6.6.6, 192.0.2.1, 172.16.0.9"], "192.0.2.1"),
            ("10.1.2.3", &["6.6.6.6", "192.0.2.1", "172.16.0.9, 127.0.0.1"], "192.0.2.1"),
            ("10.1.2.3", &["6.6.6.6, 192.0.2.1:4711"], "192.0.2.1"),
            ("fd00::1", &["6.6.6.6, [2001:db8::7]:4711"], "2001:db8::7"),
            ("fe80::1", &["2001:db8::7"], "2001:db8::7"),
            ("10.1.2.3", &["192.168.0.7, 10.0.0.1"], "192.168.0.7"),
            ("10.1.2.3", &["6.6.6.6, unknown, 10.0.0.1"], "10.0.0.1"),
            ("10.1.2.3", &["6.6.6.6,"], "10.1.2.3"),
        ] {
            assert_eq!(address(&callers, peer, hops), caller, "{peer} {hops:?}");
        }
    }

    #[test]
    fn nobody_else_is_believed() {
        assert_eq!(address(&Callers::default(), "192.0.2.1", &["6.6.6.6"]), "192.0.2.1");
        assert_eq!(address(&trusting(""), "127.0.0.1", &["6.6.6.6"]), "127.0.0.1");
        let callers = trusting("192.0.2.1, 2001:db8::/32");
        assert_eq!(address(&callers, "192.0.2.1", &["10.0.0.1"]), "10.0.0.1");
        assert_eq!(address(&callers, "2001:db8::1", &["6.6.6.6, 10.0.0.1"]), "10.0.0.1");
        assert_eq!(address(&callers, "192.0.2.2", &["10.0.0.1"]), "192.0.2.2");
    }

    #[test]
    fn https_is_what_a_proxy_of_ours_says_or_what_is_set() {
        let is_https = |callers: &Callers, peer: &str, proto: &[&'static str]| {
            let proto = proto.iter().map(|proto| (FORWARDED_PROTO, HeaderValue::from_static(proto)));
            callers.identify(peer.parse().unwrap(), &proto.collect()).is_https
        };
        let callers = Callers::default();
        assert!(is_https(&callers, "10.0.0.1", &["HTTPS"]) && is_https(&callers, "10.0.0.1", &["http, https"]));
        assert!(!is_https(&callers, "10.0.0.1", &[]) && !is_https(&callers, "10.0.0.1", &["https", "http"]));
        assert!(!is_https(&callers, "192.0.2.1", &["https"]));
        let forced = Callers::new(&CallerConfig { secure_cookies: true, ..CallerConfig::default() });
        assert!(is_https(&forced, "192.0.2.1", &[]) && is_https(&forced, "10.0.0.1", &["http"]));
    }

    #[test]
    fn whoever_has_an_address_of_ipv6_has_its_whole_network() {
        let network = |address: &str| Caller { address: address.parse().unwrap(), is_https: false }.network();
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
