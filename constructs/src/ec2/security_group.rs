//! Who may talk to whom.

use std::cell::RefCell;
use std::rc::Rc;

use cloudwright_synth::Builder as _;
use cloudwright_synth::{Construct, Id, IntoValue, Json, Scope, Text, Value};

use super::{Port, VpcRef, range};
use crate::{cfn, defaults, rules};

/// Everybody.
const WORLD: [&str; 2] = ["0.0.0.0/0", "::/0"];
/// The ports at which servers are administered: SSH and remote desktops.
const ADMINISTRATION: [i64; 2] = [22, 3389];
/// A range without anybody, so that EC2 does not add a rule that lets everything out.
const NOBODY: &str = "255.255.255.255/32";

/// A security group ([AWS](https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html)): who may
/// talk to those in it, and to whom they may.
///
/// It lets nothing in, and HTTPS out. Connections between groups are said of their handles, which writes
/// the rule of each side:
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::ec2::{Port, SecurityGroup, Vpc};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let network = stack.add("Network", Vpc::new("10.0.0.0/16"));
/// let shop = stack.add("Shop", SecurityGroup::new(&network, "the servers of the shop"));
/// let database = SecurityGroup::new(&network, "the database").allow_no_outbound();
/// let database = stack.add("Database", database);
/// database.allow_from(&shop, Port::tcp(5432), "the shop reads and writes orders");
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct SecurityGroup {
    network: VpcRef,
    description: Text,
    name: Option<Json>,
    ingress: Vec<Rule>,
    egress: Vec<Rule>,
    way_out: WayOut,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WayOut {
    Https,
    Everything,
    Nothing,
}

/// A rule about a range of addresses.
#[derive(Clone)]
struct Rule {
    range: Text,
    port: Port,
    why: Text,
}

impl SecurityGroup {
    /// A group, and who is in it: up to 255 characters. A change replaces the group.
    pub fn new(network: &VpcRef, description: impl Into<Text>) -> Self {
        Self {
            network: network.clone(),
            description: description.into(),
            name: None,
            ingress: Vec::new(),
            egress: Vec::new(),
            way_out: WayOut::Https,
        }
    }

    /// A fixed name. Without one CloudFormation makes a unique name. A change replaces the group.
    pub fn security_group_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// Lets a range of addresses in, such as `10.0.0.0/8`, and says why.
    pub fn allow_from_range(
        mut self,
        range: impl Into<Text>,
        port: Port,
        why: impl Into<Text>,
    ) -> Self {
        self.ingress.push(Rule::new(range, port, why));
        self
    }

    /// Lets those in the group talk to a range of addresses, and says why.
    pub fn allow_to_range(
        mut self,
        range: impl Into<Text>,
        port: Port,
        why: impl Into<Text>,
    ) -> Self {
        self.egress.push(Rule::new(range, port, why));
        self
    }

    /// Lets everything out, in place of HTTPS alone.
    pub const fn allow_all_outbound(mut self) -> Self {
        self.way_out = WayOut::Everything;
        self
    }

    /// Lets nothing out, except where it is said.
    pub const fn allow_no_outbound(mut self) -> Self {
        self.way_out = WayOut::Nothing;
        self
    }

    /// A group that exists already, by id. Rules that name it are added to it.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        group: impl IntoValue<Id<cfn::ec2::SecurityGroup>>,
    ) -> SecurityGroupRef {
        SecurityGroupRef {
            scope: scope.place(id),
            cfn: None,
            id: group.into_value(),
            lets_all_out: false,
            connections: Rc::default(),
        }
    }

    fn way_out(&self) -> Vec<Rule> {
        let mut rules = self.egress.clone();
        match self.way_out {
            WayOut::Https => rules.push(Rule::new(WORLD[0], Port::HTTPS, "HTTPS to anywhere")),
            WayOut::Everything => {
                rules.push(Rule::new(WORLD[0], Port::ALL, "anything to anywhere"));
            }
            WayOut::Nothing if rules.is_empty() => {
                rules.push(Rule::new(NOBODY, Port::tcp(65535), "nothing to anywhere"));
            }
            WayOut::Nothing => {}
        }
        rules
    }
}

impl Rule {
    fn new(range: impl Into<Text>, port: Port, why: impl Into<Text>) -> Self {
        Self {
            range: range.into(),
            port,
            why: why.into(),
        }
    }

    fn json(self) -> Json {
        let mut members = self.port.members();
        // Of IPv6, only the whole range is common enough to be told from its text.
        let key = if self.range.contains(':') {
            "CidrIpv6"
        } else {
            "CidrIp"
        };
        members.push((key, Json::Text(self.range)));
        members.push(("Description", Json::Text(self.why)));
        Json::map(members)
    }

    fn check(&self, scope: &Scope) {
        if !self.range.contains(':') {
            range::check(scope, &self.range);
        }
        check_why(scope, &self.why);
    }

    /// Warns of servers that everybody may try to log in to.
    fn check_in(&self, scope: &Scope) {
        self.check(scope);
        let port = ADMINISTRATION.into_iter().find(|port| self.port.has(*port));
        if let Some(port) = port.filter(|_| WORLD.contains(&&*self.range)) {
            let message = format!("everybody may try to log in, at port {port}");
            let help = "log in by Session Manager, which needs no open port, or name the addresses of those who may";
            scope.warn(&rules::OPEN_TO_WORLD, message, help);
        }
    }
}

/// Reports what EC2 does not take as the description of a rule.
#[track_caller]
fn check_why(scope: &Scope, why: &str) {
    let is_plain =
        |one: char| one.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(one);
    if why.len() > 255 || !why.chars().all(is_plain) {
        let message = format!(
            "what a group or a rule is for has up to 255 ASCII letters, digits, spaces and `._-:/()#,@[]+=&;{{}}!$*`, got \"{why}\""
        );
        scope.error(&rules::BAD_NETWORK, message, "say it in plain words");
    }
}

impl Construct for SecurityGroup {
    type Handle = SecurityGroupRef;

    fn construct(mut self, scope: &Scope) -> SecurityGroupRef {
        self.name = self
            .name
            .or_else(|| defaults::name(scope, 255).map(Json::Text));
        check_why(scope, &self.description);
        self.ingress.iter().for_each(|rule| rule.check_in(scope));
        self.egress.iter().for_each(|rule| rule.check(scope));
        let egress: Vec<_> = self.way_out().into_iter().map(Rule::json).collect();
        let mut group = cfn::ec2::SecurityGroup::new(self.description)
            .vpc_id(self.network.id())
            .raw("SecurityGroupEgress", Json::List(egress));
        if !self.ingress.is_empty() {
            let rules = self.ingress.into_iter().map(Rule::json);
            group = group.raw("SecurityGroupIngress", Json::List(rules.collect()));
        }
        if let Some(name) = self.name {
            group = group.group_name(Value::<String>::from_json(name));
        }
        let cfn = scope.add("Resource", group);
        SecurityGroupRef {
            scope: scope.clone(),
            id: cfn.group_id().cast(),
            cfn: Some(cfn),
            lets_all_out: self.way_out == WayOut::Everything,
            connections: Rc::default(),
        }
    }
}

/// The handle of a [`SecurityGroup`], or of one that exists already.
#[derive(Clone)]
pub struct SecurityGroupRef {
    scope: Scope,
    cfn: Option<cfn::ec2::SecurityGroupRef>,
    id: Value<Id<cfn::ec2::SecurityGroup>>,
    lets_all_out: bool,
    /// Which groups it is connected with, and at which ports.
    connections: Rc<RefCell<Vec<String>>>,
}

impl SecurityGroupRef {
    /// The group's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported group.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::ec2::SecurityGroupRef> {
        self.cfn.as_ref()
    }

    /// The group's id.
    #[must_use]
    pub fn id(&self) -> Value<Id<cfn::ec2::SecurityGroup>> {
        self.id.clone()
    }

    /// Lets those of another group talk to those of this one, and says why. Both sides get a rule; said
    /// twice, it is the same.
    #[track_caller]
    pub fn allow_from(&self, from: &Self, port: Port, why: impl Into<Text>) -> &Self {
        let why = why.into();
        check_why(&self.scope, &why);
        let connection = format!("{}-{}", from.scope.path().replace('/', "-"), port.name());
        if self.connections.borrow().contains(&connection) {
            return self;
        }
        let ingress = cfn::ec2::SecurityGroupIngress::new(port.protocol())
            .group_id(self.id())
            .source_security_group_id(from.id())
            .description(why.clone());
        let ingress = match port.ports() {
            Some((first, last)) => ingress.from_port(first).to_port(last),
            None => ingress,
        };
        self.scope.add(format!("From-{connection}"), ingress);
        if !from.lets_all_out {
            let egress = cfn::ec2::SecurityGroupEgress::new(from.id(), port.protocol())
                .destination_security_group_id(self.id())
                .description(why);
            let egress = match port.ports() {
                Some((first, last)) => egress.from_port(first).to_port(last),
                None => egress,
            };
            let to = format!("To-{}-{}", self.scope.path().replace('/', "-"), port.name());
            // Of two stacks, each would else wait for the other.
            let is_near = from.scope.stack().path() == self.scope.stack().path();
            let place = if is_near { &from.scope } else { &self.scope };
            place.add(to, egress);
        }
        self.connections.borrow_mut().push(connection);
        self
    }
}

impl IntoValue<Id<cfn::ec2::SecurityGroup>> for &SecurityGroupRef {
    fn into_json(self) -> Json {
        self.id.as_json().clone()
    }
}
