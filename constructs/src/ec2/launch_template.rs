//! How servers start.

use cloudwright_synth::{Construct, IntoValue, Json, Scope, Text, Value};

use super::{Image, LaunchTemplateRef, SecurityGroupRef, UserData};
use crate::acknowledge::{Finding, residuals};
use crate::cfn::ec2::launch_template as l1;
use crate::iam::{Principal, Role, RoleRef};
use crate::{cfn, defaults, kms, rules};

/// Who acts as the role of a server.
const EC2: &str = "ec2.amazonaws.com";
/// How large a disk may be, in GiB.
const DISKS: std::ops::RangeInclusive<u32> = 1..=65_536;

/// How servers start ([AWS](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html)): from which
/// image, on what kind of machine, in which security groups and as which role.
///
/// Their disk is encrypted, their metadata are read with a session token alone
/// ([IMDSv2](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html)), and they
/// act as a role without rights that can be granted to.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::ec2::{Image, LaunchTemplate, SecurityGroup, UserData, Vpc};
/// use cloudwright::lambda::Architecture;
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// # let network = stack.add("Network", Vpc::new("10.0.0.0/16"));
/// let group = stack.add("Group", SecurityGroup::new(&network, "the servers of the shop"));
/// let servers = LaunchTemplate::new(Image::amazon_linux_2023(Architecture::Arm64), "t4g.small")
///     .security_group(&group)
///     .user_data(UserData::bash().line("systemctl enable --now shop"));
/// let servers = stack.add("Servers", servers);
/// let orders = stack.add("Orders", sqs::Queue::new());
/// orders.grant_consume(&servers);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct LaunchTemplate {
    image: Image,
    machine: Text,
    groups: Vec<SecurityGroupRef>,
    role: Option<RoleRef>,
    managed: Vec<&'static str>,
    user_data: Option<UserData>,
    disk: Option<u32>,
    key: Option<kms::KeyRef>,
    tags: Vec<(Text, Text)>,
    hops: i64,
    detailed: bool,
    spot: bool,
    name: Option<Json>,
}

impl LaunchTemplate {
    /// Servers of an image on a kind of machine, such as `t4g.small`, whose processor the image is made for.
    pub fn new(image: Image, machine: impl Into<Text>) -> Self {
        Self {
            image,
            machine: machine.into(),
            groups: Vec::new(),
            role: None,
            managed: Vec::new(),
            user_data: None,
            disk: None,
            key: None,
            tags: Vec::new(),
            hops: 1,
            detailed: false,
            spot: false,
            name: None,
        }
    }

    /// A security group that the servers are in; at most 5. Without one they are in the network's default
    /// group, which lets everything out.
    pub fn security_group(mut self, group: &SecurityGroupRef) -> Self {
        self.groups.push(group.clone());
        self
    }

    /// The servers act as this role, in place of one of their own.
    pub fn role(mut self, role: &RoleRef) -> Self {
        self.role = Some(role.clone());
        self
    }

    /// Lets Systems Manager manage the servers: run documents, open sessions, list what is installed
    /// ([AWS](https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSSMManagedInstanceCore.html)).
    pub fn managed_by_ssm(mut self) -> Self {
        const POLICY: &str = "AmazonSSMManagedInstanceCore";
        if !self.managed.contains(&POLICY) {
            self.managed.push(POLICY);
        }
        self
    }

    /// What a server does when it starts for the first time.
    pub fn user_data(mut self, script: UserData) -> Self {
        self.user_data = Some(script);
        self
    }

    /// How large the first disk is, in GiB: as large as the image unless said.
    pub const fn disk(mut self, gibibytes: u32) -> Self {
        self.disk = Some(gibibytes);
        self
    }

    /// Encrypts the disk with a key of your own, in place of the account's for disks.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// A tag of the servers and their disks.
    pub fn server_tag(mut self, key: impl Into<Text>, value: impl Into<Text>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// How many steps metadata go: 1 unless said, which is the server itself; a container in it needs 2.
    pub const fn metadata_hops(mut self, steps: u8) -> Self {
        self.hops = steps as i64;
        self
    }

    /// Measures every minute, at a price, in place of every five.
    pub const fn detailed_monitoring(mut self) -> Self {
        self.detailed = true;
        self
    }

    /// Spare capacity: cheaper, and taken back at two minutes' notice.
    pub const fn spot(mut self) -> Self {
        self.spot = true;
        self
    }

    /// A fixed name. Without one CloudFormation makes a unique name. A change replaces the template.
    pub fn launch_template_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// The role that was said.
    #[cfg(feature = "ssm-sync-fleet")]
    pub(crate) const fn given_role(&self) -> Option<&RoleRef> {
        self.role.as_ref()
    }

    /// Whether it was said what servers do first.
    #[cfg(feature = "ssm-sync-fleet")]
    pub(crate) const fn has_user_data(&self) -> bool {
        self.user_data.is_some()
    }

    /// Reports what EC2 refuses.
    fn check(&self, scope: &Scope) {
        let is_plain = |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || one == b'-';
        let parts = self.machine.split_once('.');
        if !parts.is_some_and(|(family, size)| {
            !family.is_empty()
                && !size.is_empty()
                && [family, size].iter().all(|part| part.bytes().all(is_plain))
        }) {
            let message = format!(
                "a kind of machine is a family and a size, such as \"t4g.small\", got \"{}\"",
                self.machine
            );
            let help = "see `aws ec2 describe-instance-types`";
            scope.error(&rules::BAD_NETWORK, message, help);
        }
        if let Some(size) = self.disk.filter(|size| !DISKS.contains(size)) {
            let message = format!("a disk has 1 to 65536 GiB, got {size}");
            scope.error(&rules::OUT_OF_RANGE, message, "such as `.disk(30)`");
        }
        if self.groups.len() > 5 {
            let message = format!(
                "a server is in at most 5 security groups, got {}",
                self.groups.len()
            );
            scope.error(
                &rules::OUT_OF_RANGE,
                message,
                "put the rules into fewer groups",
            );
        }
        if !(1..=64).contains(&self.hops) {
            let message = format!("metadata go 1 to 64 steps, got {}", self.hops);
            scope.error(
                &rules::OUT_OF_RANGE,
                message,
                "`.metadata_hops(2)` reaches containers",
            );
        }
    }
}

impl Construct for LaunchTemplate {
    type Handle = LaunchTemplateRef;

    fn construct(mut self, scope: &Scope) -> LaunchTemplateRef {
        self.name = self
            .name
            .or_else(|| defaults::name(scope, 128).map(Json::Text));
        self.check(scope);
        let role = self
            .role
            .clone()
            .unwrap_or_else(|| own_role(scope, &self.managed));
        if self.role.is_some() && !self.managed.is_empty() {
            let message = "the role is given, so this template attaches no policy of AWS to it";
            let help = "make the role with `.managed_policy(\"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore\")`, and drop `.managed_by_ssm()`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        let profile = cfn::iam::InstanceProfile::new([role.name()]);
        let profile = scope.add("Profile", profile);
        let key = defaults::key(scope, self.key.clone());
        let mut template = cfn::ec2::LaunchTemplate::new(self.data(scope, &profile, key.as_ref()));
        if let Some(name) = &self.name {
            template = template.launch_template_name(Value::<String>::from_json(name.clone()));
        }
        let cfn = scope.add("Resource", template);
        LaunchTemplateRef::new(scope, cfn, role, key)
    }
}

impl LaunchTemplate {
    fn data(
        &self,
        scope: &Scope,
        profile: &cfn::iam::InstanceProfileRef,
        key: Option<&kms::KeyRef>,
    ) -> l1::LaunchTemplateData {
        let metadata = l1::MetadataOptions::new()
            .http_endpoint(l1::HttpEndpoint::Enabled)
            .http_tokens(l1::HttpTokens::Required)
            .http_put_response_hop_limit(self.hops);
        let mut data = l1::LaunchTemplateData::new()
            .image_id(Value::<String>::from_json(self.image.id.clone()))
            .instance_type(self.machine.clone())
            .iam_instance_profile(l1::IamInstanceProfile::new().arn(profile.arn().cast::<String>()))
            .block_device_mappings([self.first_disk(key)])
            .metadata_options(metadata);
        if !self.groups.is_empty() {
            let ids = self.groups.iter().map(SecurityGroupRef::id);
            data = data.security_group_ids(ids.collect::<Vec<_>>());
        }
        if let Some(script) = &self.user_data {
            data = data.user_data(script.encoded(scope));
        }
        if self.detailed || scope.is_strict() {
            data = data.monitoring(l1::Monitoring::new().enabled(true));
        }
        if self.spot {
            let spot = l1::InstanceMarketOptions::new().market_type(l1::MarketType::Spot);
            data = data.instance_market_options(spot);
        }
        match self.tags.is_empty() {
            true => data,
            false => data.tag_specifications(["instance", "volume"].map(|kind| self.tagged(kind))),
        }
    }

    fn first_disk(&self, key: Option<&kms::KeyRef>) -> l1::BlockDeviceMapping {
        let mut disk = l1::Ebs::new()
            .encrypted(true)
            .volume_type(l1::VolumeType::Gp3)
            .delete_on_termination(true);
        if let Some(size) = self.disk {
            disk = disk.volume_size(size);
        }
        if let Some(key) = key {
            disk = disk.kms_key_id(key.arn().cast::<String>());
        }
        l1::BlockDeviceMapping::new()
            .device_name(self.image.disk.clone())
            .ebs(disk)
    }

    fn tagged(&self, kind: &'static str) -> l1::TagSpecification {
        let tag = |(key, value): &(Text, Text)| l1::Tag::new(key.clone(), value.clone());
        l1::TagSpecification::new()
            .resource_type(kind)
            .tags(self.tags.iter().map(tag).collect::<Vec<_>>())
    }
}

fn own_role(scope: &Scope, managed: &[&'static str]) -> RoleRef {
    let role = Role::assumed_by(Principal::service(EC2));
    let role = managed.iter().fold(role, |role, policy| {
        let arn = Json::concat(vec![
            Json::Text("arn:".into()),
            scope.partition().as_json().clone(),
            Json::Text(format!(":iam::aws:policy/{policy}").into()),
        ]);
        role.managed_policy(Value::<String>::from_json(arn))
    });
    let role = scope.add("Role", role);
    residuals(role.scope(), &[Finding::AwsManagedPolicy]);
    role
}
