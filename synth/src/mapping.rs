//! Mappings: tables in the template, looked up at deployment.

use crate::construct::Construct;
use crate::expr::{Expr, NodeRef};
use crate::json::{Json, Text};
use crate::scope::Scope;
use crate::tree::{Kind, Section};
use crate::value::{IntoValue, Value};

/// A two-level table of literals ([AWS](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/mappings-section-structure.html)).
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
#[derive(Clone, Default)]
pub struct Mapping {
    rows: Vec<(Text, Json)>,
}

impl Mapping {
    /// An empty table.
    pub const fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a row: a top-level key with its second-level keys and values.
    pub fn row<K, V>(
        mut self,
        key: impl Into<Text>,
        cells: impl IntoIterator<Item = (K, V)>,
    ) -> Self
    where
        K: Into<Text>,
        V: IntoValue<Json>,
    {
        let cells = cells
            .into_iter()
            .map(|(name, value)| (name, value.into_json()));
        self.rows.push((key.into(), Json::map(cells)));
        self
    }
}

impl Construct for Mapping {
    type Handle = MappingRef;

    fn construct(self, scope: &Scope) -> MappingRef {
        scope.become_kind(Kind::Element(Section::Mappings, Json::Map(self.rows)));
        MappingRef {
            node: scope.node_ref(),
        }
    }
}

/// The handle of a [`Mapping`].
#[derive(Clone)]
pub struct MappingRef {
    node: NodeRef,
}

impl MappingRef {
    /// `Fn::FindInMap`: the cell at two keys, each a literal, a parameter or a pseudo parameter.
    #[must_use]
    pub fn find<T>(&self, row: impl IntoValue<String>, cell: impl IntoValue<String>) -> Value<T> {
        Value::from_json(Json::function(
            "Fn::FindInMap",
            Json::List(self.path(row, cell)),
        ))
    }

    /// `Fn::FindInMap` with a value for keys that are not in the table (a language extension).
    #[must_use]
    pub fn find_or<T>(
        &self,
        row: impl IntoValue<String>,
        cell: impl IntoValue<String>,
        default: impl IntoValue<T>,
    ) -> Value<T> {
        let mut arguments = self.path(row, cell);
        arguments.push(Json::map([("DefaultValue", default.into_json())]));
        Value::from_json(Json::function("Fn::FindInMap", Json::List(arguments)))
    }

    fn path(&self, row: impl IntoValue<String>, cell: impl IntoValue<String>) -> Vec<Json> {
        vec![
            Json::expr(Expr::LogicalId(self.node)),
            row.into_json(),
            cell.into_json(),
        ]
    }
}
