//! What security groups let through that they did not before, and the other way round.

use std::net::IpAddr;

use cloudwright_spec::sorted::sort;
use serde_json::Value;

use crate::compare::Elements;
use crate::model::{Access, Direction, NetworkChange};
use crate::references::short;

/// Where a rule can say what is on the other side.
const PEERS: [&str; 8] = [
    "CidrIp",
    "CidrIpv6",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "SourcePrefixListId",
    "DestinationSecurityGroupId",
    "DestinationPrefixListId",
    "DestinationSecurityGroupName",
];

/// The openings, then the closings.
pub(crate) fn changes(old: &Elements<'_>, new: &Elements<'_>) -> Vec<NetworkChange> {
    let (old, new) = (rules(old), rules(new));
    let mut changes = news(&old, &new, Access::Opened);
    changes.extend(news(&new, &old, Access::Closed));
    sort(&mut changes);
    changes.dedup();
    changes
}

fn news(before: &[Rule], after: &[Rule], access: Access) -> Vec<NetworkChange> {
    let fresh = after
        .iter()
        .filter(|rule| !before.iter().any(|other| other.covers(rule)));
    fresh.map(|rule| rule.told(access)).collect()
}

/// One rule, in comparable form.
struct Rule {
    group: String,
    direction: Direction,
    protocol: String,
    /// The first and last port; `None` for all, or where they are not known.
    ports: Option<(i64, i64)>,
    /// The ports as they are written, when they are no numbers.
    unknown_ports: Option<String>,
    peer: String,
}

impl Rule {
    fn covers(&self, other: &Self) -> bool {
        let protocol = self.protocol == "all" || self.protocol == other.protocol;
        self.group == other.group
            && self.direction == other.direction
            && protocol
            && self.covers_ports(other)
            && covers_peer(&self.peer, &other.peer)
    }

    fn covers_ports(&self, other: &Self) -> bool {
        if self.protocol == "all" {
            return true;
        }
        match (self.ports, other.ports) {
            _ if self.unknown_ports != other.unknown_ports => false,
            (None, _) => true,
            (Some(_), None) => false,
            (Some((first, last)), Some((from, to))) => first <= from && to <= last,
        }
    }

    fn told(&self, access: Access) -> NetworkChange {
        let ports = match (&self.unknown_ports, self.ports) {
            (Some(text), _) => text.clone(),
            (None, Some((first, last))) if first == last => first.to_string(),
            (None, Some((first, last))) => format!("{first}-{last}"),
            (None, None) => "all".to_owned(),
        };
        NetworkChange {
            access,
            group: self.group.clone(),
            direction: self.direction,
            protocol: self.protocol.clone(),
            ports,
            peer: self.peer.clone(),
        }
    }
}

fn rules(resources: &Elements<'_>) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (id, resource) in resources {
        let properties = &resource["Properties"];
        match resource["Type"].as_str().unwrap_or_default() {
            "AWS::EC2::SecurityGroup" => group(id, properties, &mut rules),
            "AWS::EC2::SecurityGroupIngress" => {
                rules.push(rule(&target(properties), Direction::In, properties));
            }
            "AWS::EC2::SecurityGroupEgress" => {
                rules.push(rule(&target(properties), Direction::Out, properties));
            }
            _ => {}
        }
    }
    rules
}

/// The group that a rule of its own belongs to: a logical id, or what stands there.
fn target(properties: &Value) -> String {
    let named = ["GroupId", "GroupName"]
        .into_iter()
        .find_map(|name| properties.get(name));
    let text = named.map(short).unwrap_or_default();
    let inner = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    match inner {
        Some(inner) => inner.split('.').next().unwrap_or(inner).to_owned(),
        None => text,
    }
}

fn group(id: &str, properties: &Value, rules: &mut Vec<Rule>) {
    for item in items(properties.get("SecurityGroupIngress")) {
        rules.push(rule(id, Direction::In, item));
    }
    match properties.get("SecurityGroupEgress") {
        Some(egress) => {
            rules.extend(items(Some(egress)).map(|item| rule(id, Direction::Out, item)));
        }
        // EC2 lets everything out of a group that says nothing.
        None => rules.push(Rule {
            group: id.to_owned(),
            direction: Direction::Out,
            protocol: "all".to_owned(),
            ports: None,
            unknown_ports: None,
            peer: "0.0.0.0/0".to_owned(),
        }),
    }
}

fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let list = value
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    list.iter()
}

fn rule(group: &str, direction: Direction, properties: &Value) -> Rule {
    let protocol = match short(&properties["IpProtocol"]).as_str() {
        "-1" => "all".to_owned(),
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        other => other.to_lowercase(),
    };
    let peers = PEERS.iter().filter_map(|name| properties.get(*name));
    let peer = peers.map(short).collect::<Vec<_>>().join(", ");
    let (ports, unknown_ports) = ports(properties);
    Rule {
        group: group.to_owned(),
        direction,
        protocol,
        ports,
        unknown_ports,
        peer,
    }
}

fn ports(properties: &Value) -> (Option<(i64, i64)>, Option<String>) {
    let (from, to) = (properties.get("FromPort"), properties.get("ToPort"));
    let number = |value: Option<&Value>| short(value?).parse::<i64>().ok();
    match (number(from), number(to)) {
        (Some(-1), Some(-1)) => (None, None),
        (Some(from), Some(to)) => (Some((from, to)), None),
        _ if from.is_none() && to.is_none() => (None, None),
        _ => {
            let text = |value: Option<&Value>| value.map(short).unwrap_or_default();
            (None, Some(format!("{}-{}", text(from), text(to))))
        }
    }
}

/// Whether one address range holds another; anything else must be the same.
fn covers_peer(peer: &str, other: &str) -> bool {
    match (range(peer), range(other)) {
        (Some((address, bits)), Some((inner, inner_bits))) => {
            address.len() == inner.len()
                && bits <= inner_bits
                && (0..bits).all(|bit| bit_of(&address, bit) == bit_of(&inner, bit))
        }
        _ => peer == other,
    }
}

/// The bytes of an address range and how many of its bits count.
fn range(text: &str) -> Option<(Vec<u8>, usize)> {
    let (address, bits) = text.split_once('/')?;
    let address = match address.parse().ok()? {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let bits = bits
        .parse()
        .ok()
        .filter(|bits| *bits <= address.len() * 8)?;
    Some((address, bits))
}

fn bit_of(address: &[u8], bit: usize) -> u8 {
    address[bit / 8] >> (7 - bit % 8) & 1
}
