//! Clusters: where services and tasks run.

use cloudwright_synth::{Arn, Construct, Id, IntoValue, Json, Scope, Text, Value};

use crate::cfn::ecs::cluster as l1;
use crate::{arn, cfn, defaults};

/// What an imported cluster is known by.
const KIND: arn::Kind = arn::Kind {
    service: "ecs",
    prefix: "cluster/",
    what: "a cluster",
};

/// Container Insights that are not wanted.
const OFF: &str = "disabled";

/// A cluster ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/clusters.html)) of tasks that run on
/// Fargate, with or without spot prices.
///
/// It measures what its tasks and services need (Container Insights), unless told not to.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// let cluster = stack.add("Cluster", ecs::Cluster::new());
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Cluster {
    name: Option<Text>,
    insights: &'static str,
}

impl Cluster {
    /// A cluster without tasks.
    pub const fn new() -> Self {
        Self {
            name: None,
            insights: "enabled",
        }
    }

    /// A fixed name: up to 255 letters, digits, hyphens and underscores. Without one CloudFormation makes a unique
    /// name. A change replaces the cluster.
    pub fn cluster_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Measures each task and container too, at the price of more metrics.
    pub const fn enhanced_insights(mut self) -> Self {
        self.insights = "enhanced";
        self
    }

    /// Measures nothing but processor and memory of services, which costs nothing.
    pub const fn without_insights(mut self) -> Self {
        self.insights = OFF;
        self
    }

    /// A cluster that exists already, by ARN.
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        arn: impl IntoValue<Arn<cfn::ecs::Cluster>>,
    ) -> ClusterRef {
        let (scope, arn) = (scope.place(id), arn.into_value());
        let name = arn::parts(&scope, &arn, &KIND).name;
        ClusterRef {
            has_insights: true,
            name: name.cast(),
            cfn: None,
            arn,
            scope,
        }
    }
}

impl Default for Cluster {
    fn default() -> Self {
        Self::new()
    }
}

impl Construct for Cluster {
    type Handle = ClusterRef;

    fn construct(mut self, scope: &Scope) -> ClusterRef {
        self.name = self.name.or_else(|| defaults::name(scope, 255));
        let insights = l1::ClusterSettings::new()
            .name("containerInsights")
            .value(self.insights);
        let mut cluster = cfn::ecs::Cluster::new()
            .cluster_settings([insights])
            .capacity_providers(["FARGATE", "FARGATE_SPOT"]);
        if let Some(name) = self.name {
            cluster = cluster.cluster_name(name);
        }
        let cfn = scope.add("Resource", cluster);
        ClusterRef {
            scope: scope.clone(),
            has_insights: self.insights != OFF,
            name: cfn.reference(),
            arn: cfn.arn(),
            cfn: Some(cfn),
        }
    }
}

/// The handle of a [`Cluster`], or of one that exists already.
#[derive(Clone)]
pub struct ClusterRef {
    scope: Scope,
    cfn: Option<cfn::ecs::ClusterRef>,
    name: Value<Id<cfn::ecs::Cluster>>,
    arn: Value<Arn<cfn::ecs::Cluster>>,
    /// Whether it is known or may be that it measures tasks.
    pub(super) has_insights: bool,
}

impl ClusterRef {
    /// The cluster's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported cluster.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::ecs::ClusterRef> {
        self.cfn.as_ref()
    }

    /// The cluster's name.
    #[must_use]
    pub fn name(&self) -> Value<Id<cfn::ecs::Cluster>> {
        self.name.clone()
    }

    /// The cluster's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::ecs::Cluster>> {
        self.arn.clone()
    }
}

impl IntoValue<Id<cfn::ecs::Cluster>> for &ClusterRef {
    fn into_json(self) -> Json {
        self.name.as_json().clone()
    }
}

impl IntoValue<Arn<cfn::ecs::Cluster>> for &ClusterRef {
    fn into_json(self) -> Json {
        self.arn.as_json().clone()
    }
}
