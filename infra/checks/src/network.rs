//! What an overlay's NetworkPolicies allow between its pods.

use serde_json::Value;

use crate::object::{Labels, list, selects};
use crate::{Object, Overlay};

/// The policies of an overlay.
#[derive(Debug)]
pub struct Policies<'a>(Vec<&'a Object>);

/// One way of a connection: the caller's or the callee's.
#[derive(Clone, Copy, Debug)]
enum Side {
    Egress,
    Ingress,
}

impl<'a> Policies<'a> {
    /// Those of this overlay.
    pub fn of(overlay: &'a Overlay) -> Self {
        Self(overlay.of_kind("NetworkPolicy").collect())
    }

    /// Whether the caller's policies let it call this port of those pods.
    pub fn may_call(&self, caller: &Labels, callee: &Labels, port: u64) -> bool {
        self.rules(Side::Egress, caller).any(|rule| is_for(rule, "/to", callee) && has_port(rule, port))
    }

    /// Whether the callee's policies let those pods call this port of it.
    pub fn may_be_called(&self, callee: &Labels, caller: &Labels, port: u64) -> bool {
        self.rules(Side::Ingress, callee).any(|rule| is_for(rule, "/from", caller) && has_port(rule, port))
    }

    /// The ports that somebody outside the namespace may call.
    pub fn open_to_outside(&self, callee: &Labels) -> Vec<u64> {
        let outside = |rule: &&Value| list(rule, "/from").iter().any(|peer| !peer["namespaceSelector"].is_null());
        let rules = self.rules(Side::Ingress, callee).filter(outside);
        rules.flat_map(|rule| list(rule, "/ports").iter().filter_map(|port| port["port"].as_u64())).collect()
    }

    fn rules(&self, side: Side, pod: &Labels) -> impl Iterator<Item = &'a Value> {
        let (name, rules) = match side {
            Side::Egress => ("Egress", "/spec/egress"),
            Side::Ingress => ("Ingress", "/spec/ingress"),
        };
        let is_about = |policy: &&&Object| {
            policy.list("/spec/policyTypes").iter().any(|kind| kind == name)
                && selects(policy.at("/spec/podSelector"), pod)
        };
        let policies: Vec<&'a Object> = self.0.iter().filter(is_about).copied().collect();
        policies.into_iter().flat_map(move |policy| policy.list(rules))
    }
}

/// Whether a rule is for these pods of our namespace. One without peers is for everybody.
fn is_for(rule: &Value, peers: &str, pod: &Labels) -> bool {
    let ours = |peer: &Value| {
        peer["namespaceSelector"].is_null() && peer["ipBlock"].is_null() && selects(&peer["podSelector"], pod)
    };
    let peers = list(rule, peers);
    peers.is_empty() || peers.iter().any(ours)
}

/// A rule without ports is for all of them.
fn has_port(rule: &Value, port: u64) -> bool {
    let ports = list(rule, "/ports");
    ports.is_empty() || ports.iter().any(|open| open["port"] == port)
}
