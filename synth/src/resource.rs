//! Handles: what a program holds of a resource once it is in the tree.

use crate::condition::ConditionRef;
use crate::construct::Resource;
use crate::expr::Expr;
use crate::json::{Json, Text, set_member};
use crate::scope::Scope;
use crate::tree::ResourceData;
use crate::value::{Arn, IntoValue, Value};

/// The untyped handle of a resource; every typed handle holds one.
#[derive(Clone)]
pub struct Handle {
    scope: Scope,
}

impl Handle {
    pub(crate) const fn new(scope: Scope) -> Self {
        Self { scope }
    }

    /// The resource's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// `Ref`: the resource's physical name or id.
    #[must_use]
    pub fn reference(&self) -> Json {
        Json::expr(Expr::Ref {
            node: self.scope.node_ref(),
            list: false,
        })
    }

    /// `Fn::GetAtt` of an attribute with a single value.
    #[must_use]
    pub fn attribute<T>(&self, name: impl Into<Text>) -> Value<T> {
        let expr = Expr::Attribute {
            node: self.scope.node_ref(),
            name: name.into(),
            list: false,
        };
        Value::from_json(Json::expr(expr))
    }

    /// `Fn::GetAtt` of an attribute that is a list.
    #[must_use]
    pub fn list_attribute<T>(&self, name: impl Into<Text>) -> Value<Vec<T>> {
        let expr = Expr::Attribute {
            node: self.scope.node_ref(),
            name: name.into(),
            list: true,
        };
        Value::from_json(Json::expr(expr))
    }

    /// A reference to this resource that other stacks replace by `elsewhere`: a value made of the
    /// resource's known name. It needs no export, and crosses accounts and regions.
    #[must_use]
    pub fn known<T>(&self, local: &Value<T>, elsewhere: &Value<T>) -> Value<T> {
        let home = self.scope.node_ref();
        let (local, elsewhere) = (local.as_json().clone(), elsewhere.as_json().clone());
        Value::from_json(Json::expr(Expr::Known {
            home,
            local,
            elsewhere,
        }))
    }

    /// The resource's CloudFormation type.
    #[must_use]
    pub fn kind(&self) -> Text {
        self.look(|data| data.kind.clone()).unwrap_or_default()
    }

    /// A property as it stands now; merges at synthesis may still change it.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<Json> {
        self.look(|data| {
            data.props
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        })
        .flatten()
    }

    /// The logical id that the resource has in its template.
    #[must_use]
    pub fn logical_id(&self) -> Value<String> {
        Value::from_json(Json::expr(Expr::LogicalId(self.scope.node_ref())))
    }

    fn look<T>(&self, look: impl FnOnce(&ResourceData) -> T) -> Option<T> {
        self.scope
            .tree
            .read(|tree| tree.resource(self.scope.node).map(look))
    }

    fn change(&self, change: impl FnOnce(&mut ResourceData)) {
        self.scope.tree.write(|tree| {
            if let Some(data) = tree.resource_mut(self.scope.node) {
                change(data);
            }
        });
    }
}

/// What happens to the real resource when it leaves the template or is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemovalPolicy {
    /// Deleted with everything in it.
    Destroy,
    /// Kept, and no longer managed.
    Retain,
    /// Kept, except that a first deployment that fails cleans up after itself.
    RetainExceptOnCreate,
    /// Deleted after a snapshot, for types that have snapshots.
    Snapshot,
}

impl RemovalPolicy {
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Destroy => ("Delete", "Delete"),
            Self::Retain => ("Retain", "Retain"),
            Self::RetainExceptOnCreate => ("RetainExceptOnCreate", "Retain"),
            Self::Snapshot => ("Snapshot", "Snapshot"),
        }
    }
}

/// The typed handle of a resource, and the
/// [resource attributes](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-product-attribute-reference.html)
/// that every resource has.
pub trait ResourceRef: Sized {
    /// The L1 type behind the handle.
    type Resource;

    /// The untyped handle.
    fn handle(&self) -> &Handle;

    /// Makes this resource wait for another.
    fn depends_on(&self, other: &impl ResourceRef) -> &Self {
        self.handle().scope.depends_on(&other.handle().scope);
        self
    }

    /// What becomes of the real resource when it leaves the template or is replaced.
    fn removal_policy(&self, policy: RemovalPolicy) -> &Self {
        let (deletion, replacement) = policy.names();
        self.handle().change(|data| {
            data.deletion_policy = Some(deletion);
            data.update_replace_policy = Some(replacement);
        });
        self
    }

    /// Creates the resource only when the condition holds.
    fn condition(&self, condition: &ConditionRef) -> &Self {
        let node = condition.node_ref();
        self.handle().change(|data| data.condition = Some(node));
        self
    }

    /// Sets an entry of the resource's `Metadata`, merging objects.
    fn metadata(&self, key: impl Into<Text>, value: impl IntoValue<Json>) -> &Self {
        let (key, value) = (key.into(), value.into_json());
        self.handle().change(|data| {
            match data.metadata.iter_mut().find(|(name, _)| *name == key) {
                Some((_, existing)) => existing.merge(value),
                None => data.metadata.push((key, value)),
            }
        });
        self
    }

    /// Sets the [`CreationPolicy`](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-creationpolicy.html).
    fn creation_policy(&self, policy: impl IntoValue<Json>) -> &Self {
        let policy = policy.into_json();
        self.handle()
            .change(|data| data.creation_policy = Some(policy));
        self
    }

    /// Sets the [`UpdatePolicy`](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html).
    fn update_policy(&self, policy: impl IntoValue<Json>) -> &Self {
        let policy = policy.into_json();
        self.handle()
            .change(|data| data.update_policy = Some(policy));
        self
    }

    /// Sets a property by name, replacing its value: for what the builder has no setter for.
    fn raw(&self, property: impl Into<Text>, value: impl IntoValue<Json>) -> &Self {
        let (property, value) = (property.into(), value.into_json());
        self.handle()
            .change(|data| set_member(&mut data.props, property, value));
        self
    }

    /// Takes a property away.
    fn remove_property(&self, property: &str) -> &Self {
        self.handle()
            .change(|data| data.props.retain(|(name, _)| name != property));
        self
    }

    /// Gives the resource this logical id, whatever its path: to adopt an existing stack, or to
    /// move a construct without replacing its resource.
    fn override_logical_id(&self, id: impl Into<Text>) -> &Self {
        let (id, scope) = (id.into(), &self.handle().scope);
        scope
            .tree
            .write(|tree| tree.node_mut(scope.node).logical_id = Some(id));
        self
    }
}

/// A handle whose resource has an ARN.
pub trait HasArn: ResourceRef {
    /// The resource's ARN.
    fn arn(&self) -> Value<Arn<Self::Resource>>;
}

/// A resource whose L1 type is not generated.
pub struct Unknown(());

impl ResourceRef for Handle {
    type Resource = Unknown;

    fn handle(&self) -> &Handle {
        self
    }
}

/// The typed handle that adding an L1 resource of type `R` yields.
pub type RefOf<R> = <R as Resource>::Ref;
