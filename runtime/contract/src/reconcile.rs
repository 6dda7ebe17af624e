//! The command of the `replicate` handler that compares everything.

/// The event that makes replicas equal to their source, or in two-way replication all buckets equal,
/// whatever events were lost:
/// `{"reconcile": {"bucket": "artifacts"}}`.
///
/// A call looks at as many objects as it has time for. If these were not all, its answer is the event to
/// go on with, and nothing else has to be remembered; a call that breaks off is done again with the same
/// event. It may run beside everything else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(
    feature = "serde",
    serde(deny_unknown_fields, rename_all = "camelCase")
)]
pub struct Reconcile {
    /// The source, a bucket in the function's region; in two-way replication that beside the function.
    pub bucket: String,
    /// Only objects whose keys begin so; all by default.
    #[cfg_attr(feature = "serde", serde(default))]
    pub prefix: String,
    /// And end so.
    #[cfg_attr(feature = "serde", serde(default))]
    pub suffix: String,
    /// Only objects whose keys come after this one, in the order of bytes; all by default.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub after: Option<String>,
    /// What earlier calls counted.
    #[cfg_attr(feature = "serde", serde(default))]
    pub so_far: Reconciled,
}

impl Reconcile {
    /// The one member of the event.
    pub const MEMBER: &str = "reconcile";
}

/// What was counted: in the answer of the last call as `{"reconciled": {..}}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(default))]
pub struct Reconciled {
    /// Keys that are in the source or in a replica.
    pub looked: u64,
    /// Of these, where a replica was not as it should be, and now is.
    pub repaired: u64,
    /// Where that failed; the log says why.
    pub failed: u64,
    /// Objects of replicas that the source has not, and that are no copies of it: they stay. In two-way
    /// replication, objects that may be newer than what is known, whose events are waited for.
    pub foreign: u64,
}

impl Reconciled {
    /// The one member of the last answer.
    pub const MEMBER: &str = "reconciled";

    /// Adds what another part counted.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            looked: self.looked + other.looked,
            repaired: self.repaired + other.repaired,
            failed: self.failed + other.failed,
            foreign: self.foreign + other.foreign,
        }
    }
}
