//! What a program holds of a network.

use std::cell::RefCell;
use std::rc::Rc;

use cloudwright_synth::{Id, IntoValue, Json, ResourceRef, Scope, Text, Value};

use super::entrances::Entrances;
use super::subnets::Made;
use crate::cfn;

/// A subnet of a network.
#[derive(Clone)]
pub struct SubnetRef {
    id: Value<Id<cfn::ec2::Subnet>>,
    cfn: Option<cfn::ec2::SubnetRef>,
}

impl SubnetRef {
    pub(super) fn owned(cfn: cfn::ec2::SubnetRef) -> Self {
        Self {
            id: cfn.reference(),
            cfn: Some(cfn),
        }
    }

    pub(super) const fn imported(id: Value<Id<cfn::ec2::Subnet>>) -> Self {
        Self { id, cfn: None }
    }

    /// The subnet's id.
    #[must_use]
    pub fn id(&self) -> Value<Id<cfn::ec2::Subnet>> {
        self.id.clone()
    }

    /// The L1 resource; `None` for an imported subnet.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::ec2::SubnetRef> {
        self.cfn.as_ref()
    }
}

impl IntoValue<Id<cfn::ec2::Subnet>> for &SubnetRef {
    fn into_json(self) -> Json {
        self.id.as_json().clone()
    }
}

/// The handle of a [`Vpc`](super::Vpc), or of a network that exists already.
#[derive(Clone)]
pub struct VpcRef {
    scope: Scope,
    cfn: Option<cfn::ec2::VpcRef>,
    id: Value<Id<cfn::ec2::Vpc>>,
    range: Option<Text>,
    subnets: Made,
    /// The services that have an endpoint.
    endpoints: Rc<RefCell<Vec<String>>>,
    /// The endpoints themselves, and who waits for them.
    entrances: Entrances,
}

impl VpcRef {
    pub(super) fn owned(scope: &Scope, cfn: cfn::ec2::VpcRef, range: &Text, subnets: Made) -> Self {
        Self {
            scope: scope.clone(),
            id: cfn.reference(),
            cfn: Some(cfn),
            range: Some(range.clone()),
            subnets,
            endpoints: Rc::default(),
            entrances: Entrances::default(),
        }
    }

    pub(super) fn imported(
        scope: Scope,
        id: Value<Id<cfn::ec2::Vpc>>,
        private: Vec<SubnetRef>,
    ) -> Self {
        Self {
            scope,
            id,
            cfn: None,
            range: None,
            subnets: Made {
                private,
                ..Made::default()
            },
            endpoints: Rc::default(),
            entrances: Entrances::default(),
        }
    }

    /// Says which addresses a network has that exists already, which endpoints in it have to know.
    #[must_use]
    pub fn with_range(mut self, range: impl Into<Text>) -> Self {
        let range = range.into();
        super::range::check(&self.scope, &range);
        self.range = Some(range);
        self
    }

    /// The network's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported network.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::ec2::VpcRef> {
        self.cfn.as_ref()
    }

    /// The network's id.
    #[must_use]
    pub fn id(&self) -> Value<Id<cfn::ec2::Vpc>> {
        self.id.clone()
    }

    /// Its addresses, such as `10.0.0.0/16`; `None` for an imported network of which they
    /// were not said.
    #[must_use]
    pub fn range(&self) -> Option<&str> {
        self.range.as_deref()
    }

    /// The subnets that the internet does not reach, one for each zone.
    #[must_use]
    pub fn private_subnets(&self) -> &[SubnetRef] {
        &self.subnets.private
    }

    /// The subnets that the internet reaches, one for each zone, if there are any.
    #[must_use]
    pub fn public_subnets(&self) -> &[SubnetRef] {
        &self.subnets.public
    }

    pub(super) fn tables(&self) -> &[cfn::ec2::RouteTableRef] {
        &self.subnets.tables
    }

    /// Has what starts in the network wait for the ways by which it reaches services: the routes to the internet, and the
    /// endpoints. A task that starts earlier cannot pull its image, and a few such starts end a
    /// deployment.
    #[cfg(any(feature = "autoscaling", feature = "ecs"))]
    pub(crate) fn is_awaited_by(&self, starting: &impl ResourceRef) {
        for way in &self.subnets.ways {
            starting.depends_on(way);
        }
        self.entrances.starts(starting.handle().scope());
    }

    pub(super) fn has_entrance(&self, endpoint: &cfn::ec2::VpcEndpointRef) {
        self.entrances.add(endpoint.handle().scope());
    }

    /// Whether nothing leads out of its private subnets so far, as far as is known.
    #[cfg(feature = "ecs")]
    pub(crate) fn is_closed(&self) -> bool {
        self.cfn.is_some() && self.subnets.ways.is_empty() && self.endpoints.borrow().is_empty()
    }

    /// Whether an endpoint is the first of its kind and service.
    pub(super) fn is_first(&self, endpoint: String) -> bool {
        let mut endpoints = self.endpoints.borrow_mut();
        let is_first = !endpoints.contains(&endpoint);
        if is_first {
            endpoints.push(endpoint);
        }
        is_first
    }
}

impl IntoValue<Id<cfn::ec2::Vpc>> for &VpcRef {
    fn into_json(self) -> Json {
        self.id.as_json().clone()
    }
}
