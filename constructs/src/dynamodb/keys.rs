//! What items are found by: attributes and indexes.

use cloudwright_synth::{IntoValue, Json, Scope, Text};

use crate::cfn::dynamodb::table as l1;
use crate::rules;

/// How many attributes an index may take over by name.
const PROJECTED: usize = 20;

/// An attribute of a key: its name, and what it holds
/// ([AWS](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    name: Text,
    /// As DynamoDB calls it: `S`, `N` or `B`.
    kind: &'static str,
}

impl Attribute {
    /// Text, ordered by its UTF-8 bytes.
    pub fn string(name: impl Into<Text>) -> Self {
        Self::new(name, "S")
    }

    /// A number of up to 38 digits.
    pub fn number(name: impl Into<Text>) -> Self {
        Self::new(name, "N")
    }

    /// Bytes, ordered as unsigned numbers.
    pub fn binary(name: impl Into<Text>) -> Self {
        Self::new(name, "B")
    }

    fn new(name: impl Into<Text>, kind: &'static str) -> Self {
        Self {
            name: name.into(),
            kind,
        }
    }

    fn holds(&self) -> &'static str {
        match self.kind {
            "S" => "strings",
            "N" => "numbers",
            _ => "bytes",
        }
    }
}

/// The one or two attributes that items are found by.
#[derive(Clone)]
pub(super) struct Keys {
    partition: Attribute,
    sort: Option<Attribute>,
}

impl Keys {
    pub(super) const fn new(partition: Attribute) -> Self {
        Self {
            partition,
            sort: None,
        }
    }

    pub(super) fn sort_by(&mut self, attribute: Attribute) {
        self.sort = Some(attribute);
    }

    pub(super) const fn is_sorted(&self) -> bool {
        self.sort.is_some()
    }

    /// Name and role of each, the partition first.
    fn roles(&self) -> impl Iterator<Item = (&Attribute, &'static str)> {
        let sort = self.sort.iter().map(|attribute| (attribute, "RANGE"));
        std::iter::once((&self.partition, "HASH")).chain(sort)
    }

    pub(super) fn l1(&self) -> Vec<l1::KeySchema> {
        let of = |(attribute, role): (&Attribute, &'static str)| {
            l1::KeySchema::new(attribute.name.clone(), role)
        };
        self.roles().map(of).collect()
    }

    pub(super) fn json(&self) -> Json {
        IntoValue::<Vec<l1::KeySchema>>::into_json(self.l1())
    }
}

/// Another way to find the items of a table
/// ([AWS](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/SecondaryIndexes.html)): a
/// global index by any attributes, or a local one that sorts the items of each partition otherwise.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::dynamodb::{Attribute, Index};
/// # let app = App::new();
/// # let stack = app.stack("Orders", Environment::agnostic());
/// let orders = dynamodb::Table::new(Attribute::string("customer"))
///     .sort_by(Attribute::string("order"))
///     .index(Index::new("by-state", Attribute::string("state")).sort_by(Attribute::number("placed")))
///     .index(Index::local("by-total", Attribute::number("total")).keys_only());
/// stack.add("Orders", orders);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "an index does nothing until a table has it: `Table::index`"]
pub struct Index {
    name: Text,
    keys: IndexKeys,
    projection: Projection,
    capacity: Option<Capacity>,
}

#[derive(Clone)]
enum IndexKeys {
    Global(Keys),
    Local(Attribute),
}

/// What an index holds beside the keys.
#[derive(Clone)]
enum Projection {
    All,
    KeysOnly,
    Some(Vec<Text>),
}

impl Index {
    /// A global index: items by any attribute. It may lag behind the table by a moment.
    pub fn new(name: impl Into<Text>, partition: Attribute) -> Self {
        Self::with(name, IndexKeys::Global(Keys::new(partition)))
    }

    /// A local index: the items of each partition of the table, sorted by another attribute. It can only
    /// be made together with the table.
    pub fn local(name: impl Into<Text>, sort: Attribute) -> Self {
        Self::with(name, IndexKeys::Local(sort))
    }

    fn with(name: impl Into<Text>, keys: IndexKeys) -> Self {
        Self {
            name: name.into(),
            keys,
            projection: Projection::All,
            capacity: None,
        }
    }

    /// Sorts the items of each partition by this attribute.
    pub fn sort_by(mut self, attribute: Attribute) -> Self {
        match &mut self.keys {
            IndexKeys::Global(keys) => keys.sort_by(attribute),
            IndexKeys::Local(sort) => *sort = attribute,
        }
        self
    }

    /// Holds nothing but keys: the rest is read from the table. An index holds whole items unless said.
    pub fn keys_only(mut self) -> Self {
        self.projection = Projection::KeysOnly;
        self
    }

    /// Holds the keys and these attributes: up to 20.
    pub fn attributes<T: Into<Text>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.projection = Projection::Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// How many reads and writes a second a global index of a [provisioned](super::Table::provisioned) table has; as
    /// many as its table unless said.
    pub const fn provisioned(mut self, reads: u32, writes: u32) -> Self {
        self.capacity = Some(Capacity { reads, writes });
        self
    }

    pub(super) const fn is_local(&self) -> bool {
        matches!(self.keys, IndexKeys::Local(_))
    }

    /// The keys in full: a local index has the partition of its table.
    fn keys(&self, table: &Keys) -> Keys {
        match &self.keys {
            IndexKeys::Global(keys) => keys.clone(),
            IndexKeys::Local(sort) => Keys {
                partition: table.partition.clone(),
                sort: Some(sort.clone()),
            },
        }
    }

    pub(super) fn global(
        &self,
        table: &Keys,
        of_table: Option<Capacity>,
    ) -> l1::GlobalSecondaryIndex {
        let keys = self.keys(table);
        let of = |(attribute, role): (&Attribute, &'static str)| {
            l1::GlobalSecondaryIndexKeySchema::new(attribute.name.clone(), role)
        };
        let keys: Vec<_> = keys.roles().map(of).collect();
        let index = l1::GlobalSecondaryIndex::new(self.name.clone(), keys, self.projection.l1());
        // A provisioned table is refused when one of its global indexes says nothing of its own.
        match of_table.map(|capacity| self.capacity.unwrap_or(capacity)) {
            Some(Capacity { reads, writes }) => {
                index.provisioned_throughput(l1::ProvisionedThroughput::new(reads, writes))
            }
            None => index,
        }
    }

    pub(super) fn local_l1(&self, table: &Keys) -> l1::LocalSecondaryIndex {
        l1::LocalSecondaryIndex::new(
            self.name.clone(),
            self.keys(table).l1(),
            self.projection.l1(),
        )
    }

    /// Reports what DynamoDB refuses.
    pub(super) fn check(&self, scope: &Scope, of_table: Option<Capacity>) {
        if let Some(capacity) = self.capacity {
            capacity.check(scope, "an index");
            if of_table.is_none() || self.is_local() {
                self.report_capacity(scope);
            }
        }
        if let Projection::Some(names) = &self.projection
            && !(1..=PROJECTED).contains(&names.len())
        {
            let message = format!(
                "the index \"{}\" holds 1 to {PROJECTED} attributes by name, got {}",
                self.name,
                names.len()
            );
            let help = "leave `.attributes(..)` away to hold whole items, or say `.keys_only()`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
    }

    fn report_capacity(&self, scope: &Scope) {
        let message = if self.is_local() {
            format!(
                "the local index \"{}\" is read and written with the capacity of its table",
                self.name
            )
        } else {
            format!(
                "the index \"{}\" is provisioned, and its table is paid by request",
                self.name
            )
        };
        let help = "say `.provisioned(..)` of the table, or of neither";
        scope.error(&rules::CONTRADICTION, message, help);
    }
}

/// How many reads and writes a second are paid for.
#[derive(Clone, Copy)]
pub(super) struct Capacity {
    pub(super) reads: u32,
    pub(super) writes: u32,
}

impl Capacity {
    /// Reports what DynamoDB refuses.
    pub(super) fn check(self, scope: &Scope, what: &str) {
        let Self { reads, writes } = self;
        if reads == 0 || writes == 0 {
            let message = format!(
                "{what} is provisioned with at least one read and one write a second, got {reads} and {writes}"
            );
            let help = "leave `.provisioned(..)` out to pay by request";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
    }
}

impl Projection {
    fn l1(&self) -> l1::Projection {
        match self {
            Self::All => l1::Projection::new().projection_type("ALL"),
            Self::KeysOnly => l1::Projection::new().projection_type("KEYS_ONLY"),
            Self::Some(names) => l1::Projection::new()
                .projection_type("INCLUDE")
                .non_key_attributes(names.clone()),
        }
    }
}

/// The definitions of all attributes that a table and its indexes are keyed by, each once; one that is
/// said to hold two kinds is reported.
pub(super) fn definitions(
    scope: &Scope,
    table: &Keys,
    indexes: &[Index],
) -> Vec<l1::AttributeDefinition> {
    let all = std::iter::once(table.clone()).chain(indexes.iter().map(|index| index.keys(table)));
    let mut known: Vec<Attribute> = Vec::new();
    for attribute in all.flat_map(|keys| std::iter::once(keys.partition).chain(keys.sort)) {
        match known.iter().find(|other| other.name == attribute.name) {
            Some(other) if other.kind != attribute.kind => report_kinds(scope, other, &attribute),
            Some(_) => {}
            None => known.push(attribute),
        }
    }
    let definition = |one: Attribute| l1::AttributeDefinition::new(one.name, one.kind);
    known.into_iter().map(definition).collect()
}

fn report_kinds(scope: &Scope, one: &Attribute, other: &Attribute) {
    let message = format!(
        "the attribute \"{}\" is said to hold {} and {}",
        one.name,
        one.holds(),
        other.holds()
    );
    let help = "an attribute is the same in the table and in all its indexes";
    scope.error(&rules::CONTRADICTION, message, help);
}
