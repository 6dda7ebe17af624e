//! Facts: how constructs talk to each other.
//!
//! A grant, a notification or an alarm never edits another construct's resource. It is recorded as
//! plain data ([`Scope::record`](crate::Scope::record)) and merged once at synthesis, when
//! everything is known. The merge of a fact type may add resources, set properties of resources
//! that its own service owns, and record facts of a *later* type. That order is what keeps
//! templates acyclic and independent of the order in which a program says things.

use std::any::{Any, TypeId};

use cloudwright_spec::sorted::sort_by_cached_key;

use crate::diagnostic::SourceLocation;
use crate::scope::Scope;

/// A statement about constructs, merged with all others of its type at synthesis.
///
/// `merge` runs once per app, over every recorded fact of the type, sorted by the path of the
/// recording construct and then as recorded. To be independent of program order, sort by content.
pub trait Fact: Sized + 'static {
    /// When this type is merged: lower runs first; a merge may record facts of a higher order only.
    const ORDER: u16;

    /// Turns all facts of this type into resources and properties.
    fn merge(facts: Vec<Recorded<Self>>);
}

/// A fact with the scope that recorded it.
pub struct Recorded<F> {
    /// The fact.
    pub fact: F,
    /// Where it was recorded.
    pub scope: Scope,
    /// The user's line that led to it.
    pub location: SourceLocation,
}

/// A fact of some type, as the tree stores it.
pub(crate) struct Entry {
    pub(crate) order: u16,
    pub(crate) kind: TypeId,
    pub(crate) kind_name: &'static str,
    pub(crate) merge: fn(Vec<Entry>),
    pub(crate) scope: Scope,
    pub(crate) location: SourceLocation,
    pub(crate) fact: Box<dyn Any>,
}

impl Entry {
    pub(crate) fn new<F: Fact>(fact: F, scope: Scope, location: SourceLocation) -> Self {
        Self {
            order: F::ORDER,
            kind: TypeId::of::<F>(),
            kind_name: std::any::type_name::<F>(),
            merge: merge_entries::<F>,
            scope,
            location,
            fact: Box::new(fact),
        }
    }
}

fn merge_entries<F: Fact>(entries: Vec<Entry>) {
    let typed = entries.into_iter().filter_map(|entry| {
        let fact = *entry.fact.downcast::<F>().ok()?;
        Some(Recorded {
            fact,
            scope: entry.scope,
            location: entry.location,
        })
    });
    F::merge(typed.collect());
}

/// What one construct does to another, for pictures and reviews; written into the assembly.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// The path of the acting construct.
    pub from: String,
    /// What it does.
    pub verb: Verb,
    /// The path of the construct that it is done to.
    pub to: String,
    /// A filter, a list of actions, a threshold; may be empty.
    pub detail: String,
}

/// The kinds of [`Edge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Verb {
    /// Tells of its events.
    Notifies,
    /// Holds a grant to read.
    MayRead,
    /// Holds a grant to write.
    MayWrite,
    /// Holds a grant that is neither plain reading nor plain writing.
    MayUse,
    /// Sends messages.
    SendsTo,
    /// Starts.
    Invokes,
    /// Takes its work from.
    Consumes,
    /// Gives up messages to.
    DeadLettersTo,
    /// Raises alarms at.
    AlarmsTo,
    /// Watches a metric of.
    Watches,
    /// Copies objects to.
    ReplicatesTo,
    /// Encrypts with.
    EncryptsWith,
    /// Writes its logs to.
    LogsTo,
    /// Keeps running.
    Runs,
    /// Makes more or fewer of.
    Scales,
}

impl Verb {
    /// The verb as the assembly writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notifies => "notifies",
            Self::MayRead => "may-read",
            Self::MayWrite => "may-write",
            Self::MayUse => "may-use",
            Self::SendsTo => "sends-to",
            Self::Invokes => "invokes",
            Self::Consumes => "consumes",
            Self::DeadLettersTo => "dead-letters-to",
            Self::AlarmsTo => "alarms-to",
            Self::Watches => "watches",
            Self::ReplicatesTo => "replicates-to",
            Self::EncryptsWith => "encrypts-with",
            Self::LogsTo => "logs-to",
            Self::Runs => "runs",
            Self::Scales => "scales",
        }
    }
}

/// Merges all facts, lowest order first; facts that a merge records are merged in their turn.
pub(crate) fn merge(app: &Scope) {
    app.tree.write(|tree| tree.merging = true);
    loop {
        let mut entries = app.tree.write(|tree| std::mem::take(&mut tree.facts));
        let Some((order, kind)) = entries.iter().map(|e| (e.order, e.kind_name)).min() else {
            break;
        };
        let later = entries
            .extract_if(.., |e| (e.order, e.kind_name) != (order, kind))
            .collect();
        app.tree.write(|tree| tree.facts = later);
        sort_by_cached_key(&mut entries, |entry| entry.scope.path());
        let merge = entries[0].merge;
        debug_assert!(entries.iter().all(|entry| entry.kind == entries[0].kind));
        merge(entries);
    }
    app.tree.write(|tree| tree.merging = false);
}
