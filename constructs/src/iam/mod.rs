//! Identity and access management: roles, policies, and the grants between constructs.
//!
//! A grant such as `bucket.grant_read(&function)` edits nothing. It looks its actions up in one
//! table ([`GRANTS`]), records statements as facts, and at synthesis all statements of a role become
//! one policy beside it, and all statements about a resource become one resource policy. Statements
//! are minimised: same resources, one list of actions; same actions, one list of resources. What is longer than IAM takes
//! goes on in managed policies, `OverflowPolicy1` and so on, that are attached to the same role.

mod document;
mod grant;
mod policy;
mod principal;
mod resource_policy;
mod role;
mod split;
pub(crate) mod table;

pub(crate) use document::tls_only;
pub use document::{Effect, PolicyDocument, Statement};
pub use grant::{Grantee, Identity};
pub(crate) use grant::{OwnName, Subject, grant};
pub use policy::{ManagedPolicy, ManagedPolicyRef};
pub use principal::Principal;
pub(crate) use resource_policy::ResourcePolicy;
pub use role::{Role, RoleRef};
pub(crate) use split::{INLINE, MANAGED};
pub use table::{GRANTS, GrantRule, KeyUse};
