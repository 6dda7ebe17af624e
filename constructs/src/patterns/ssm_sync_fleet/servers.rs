//! Servers that are made for a bucket.

use std::ops::RangeInclusive;
use std::rc::Rc;

use cloudwright_synth::{ResourceRef as _, Scope, Text};

use crate::autoscaling::{Group, GroupRef};
use crate::ec2::{Image, LaunchTemplate, LaunchTemplateRef, SecurityGroup, UserData, VpcRef};
use crate::iam::RoleRef;
use crate::rules;
use crate::ssm::Servers;

/// Says more about a launch template or a group.
type Say<T> = Rc<dyn Fn(T) -> T>;

/// A group of servers that is made for a bucket ([`SsmSyncFleet::fleet`](super::SsmSyncFleet::fleet)).
///
/// They are in private subnets, let nothing in and HTTPS out, are managed by Systems Manager, and bring their
/// directories to the bucket's state before they start to serve. The network has to have a way to S3 and to
/// Systems Manager: a NAT, or endpoints.
#[derive(Clone)]
#[must_use = "a fleet does nothing until `SsmSyncFleet::fleet` takes it"]
pub struct Fleet {
    network: VpcRef,
    image: Image,
    machine: Text,
    servers: RangeInclusive<u32>,
    pub(super) start: Vec<Text>,
    template_with: Vec<Say<LaunchTemplate>>,
    group_with: Vec<Say<Group>>,
}

impl Fleet {
    /// So many servers of an image of Linux with the SSM agent and the AWS CLI, such as Amazon Linux 2023, on a
    /// kind of machine.
    pub fn new(
        network: &VpcRef,
        image: Image,
        machine: impl Into<Text>,
        servers: RangeInclusive<u32>,
    ) -> Self {
        Self {
            network: network.clone(),
            image,
            machine: machine.into(),
            servers,
            start: Vec::new(),
            template_with: Vec::new(),
            group_with: Vec::new(),
        }
    }

    /// Lines of `bash` that make a new server serve, once its directories are complete.
    pub fn start_with<T: Into<Text>>(mut self, lines: impl IntoIterator<Item = T>) -> Self {
        self.start.extend(lines.into_iter().map(Into::into));
        self
    }

    /// Says more about how servers start. Not what they do first: that is the sync, and what
    /// [`start_with`](Self::start_with) says. A role of one's own has to have AWS's policy
    /// `AmazonSSMManagedInstanceCore`, or what it allows.
    pub fn template_with(
        mut self,
        say: impl Fn(LaunchTemplate) -> LaunchTemplate + 'static,
    ) -> Self {
        self.template_with.push(Rc::new(say));
        self
    }

    /// Says more about the group.
    pub fn group_with(mut self, say: impl Fn(Group) -> Group + 'static) -> Self {
        self.group_with.push(Rc::new(say));
        self
    }

    /// Makes the servers, with these tags.
    pub(super) fn make(
        &self,
        scope: &Scope,
        first: Option<UserData>,
        tags: &[Servers],
    ) -> (LaunchTemplateRef, GroupRef) {
        let firewall = SecurityGroup::new(&self.network, "servers that follow a bucket");
        let firewall = scope.add("Firewall", firewall);
        let mut template =
            LaunchTemplate::new(self.image.clone(), self.machine.clone()).security_group(&firewall);
        template = (self.template_with.iter()).fold(template, |template, say| say(template));
        match template.given_role() {
            Some(role) => check_role(scope, role),
            None => template = template.managed_by_ssm(),
        }
        if let Some(first) = first {
            if template.has_user_data() {
                let message = "`Fleet::template_with` says what servers do first, where the first sync and `Fleet::start_with` are";
                let help = "say it by `Fleet::start_with`: that comes after the sync";
                scope.error(&rules::CONTRADICTION, message, help);
            }
            template = template.user_data(first);
        }
        let template = scope.add("Servers", template);
        let mut group = Group::new(&self.network, &template, self.servers.clone());
        for tag in tags {
            let value = tag.values().first().cloned().unwrap_or_default();
            group = group.tag(tag.tag().clone(), value);
        }
        let group = self.group_with.iter().fold(group, |group, say| say(group));
        (template, scope.add("Group", group))
    }
}

/// Warns of a role of the app to which no policy of AWS is attached: Systems Manager would not find its
/// servers, and nobody would know.
fn check_role(scope: &Scope, role: &RoleRef) {
    let Some(cfn) = role.cfn() else { return };
    if cfn.handle().property("ManagedPolicyArns").is_none() {
        let message = format!(
            "`{}` is the role of these servers, and has none of AWS's policies",
            role.scope().path()
        );
        let help = "let Systems Manager manage them: `Role::managed_policy(\"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore\")`";
        scope.warn(&rules::BAD_FLEET, message, help);
    }
}
