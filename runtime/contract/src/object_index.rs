//! The environment of a program of one's own that keeps an index of a bucket's objects.

use crate::environment::{EnvironmentError, Process, Reader, Variable, Variables};

const BUCKET: &str = "OBJECT_BUCKET";
const PREFIX: &str = "OBJECT_PREFIX";
const TABLE: &str = "OBJECT_TABLE";
const REGION: &str = "OBJECT_TABLE_REGION";

/// How a program is set up that keeps rows of a table equal to the objects of a bucket.
///
/// `V` is what a value is: text in the program, text or a token in a construct.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct ObjectIndex<V = String> {
    /// The name of the bucket, in the function's region.
    pub bucket: V,
    /// What the keys of objects begin with: plain text, to which no `/` is added. Nothing by default.
    pub prefix: String,
    /// The name of the table, whose partition key is the text `key`.
    pub table: V,
    /// The table's region; the function's by default.
    pub region: Option<V>,
}

impl<V> ObjectIndex<V> {
    /// The variables to set on the function; `literal` makes a value of plain text. What equals its
    /// default is left out.
    #[must_use]
    pub fn variables(self, literal: impl Fn(String) -> V) -> Vec<(String, V)> {
        let prefix = (!self.prefix.is_empty()).then(|| literal(self.prefix));
        let variables = [
            (BUCKET, Some(self.bucket)),
            (PREFIX, prefix),
            (TABLE, Some(self.table)),
            (REGION, self.region),
        ];
        let set = |(name, value): (&str, Option<V>)| Some((name.to_owned(), value?));
        variables.into_iter().filter_map(set).collect()
    }
}

impl ObjectIndex {
    /// The variables and what they hold.
    pub const VARIABLES: &[Variable] = &[
        variable(BUCKET, "the name of the bucket of the objects"),
        variable(
            PREFIX,
            "what the keys of objects begin with; nothing by default",
        ),
        variable(TABLE, "the name of the table of the rows"),
        variable(REGION, "the region of the table; the function's by default"),
    ];

    /// Reads the environment of this process.
    ///
    /// # Errors
    /// If a variable is missing.
    #[inline]
    pub fn from_env() -> Result<Self, EnvironmentError> {
        Self::read(&Process)
    }

    /// Reads the given variables.
    ///
    /// # Errors
    /// If a variable is missing.
    pub fn read(variables: &impl Variables) -> Result<Self, EnvironmentError> {
        let reader = Reader(variables);
        Ok(Self {
            bucket: reader.required(BUCKET, "the name of the bucket of the objects")?,
            prefix: reader.optional(PREFIX).unwrap_or_default(),
            table: reader.required(TABLE, "the name of a DynamoDB table")?,
            region: reader.optional(REGION),
        })
    }
}

const fn variable(name: &'static str, holds: &'static str) -> Variable {
    Variable { name, holds }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn what_a_construct_writes_the_program_reads() {
        for (prefix, region) in [("", None), ("in/", Some("us-west-2".to_owned()))] {
            let plan = ObjectIndex {
                bucket: "files".to_owned(),
                prefix: prefix.to_owned(),
                table: "Catalog".to_owned(),
                region,
            };
            let written: BTreeMap<_, _> = plan.clone().variables(|text| text).into_iter().collect();
            assert_eq!(ObjectIndex::read(&written), Ok(plan));
        }
    }

    #[test]
    fn a_table_has_to_be_named() {
        let written = BTreeMap::from([(BUCKET, "files".to_owned())]);
        let error = ObjectIndex::read(&written).unwrap_err();
        assert_eq!((&*error.variable, &error.held), (TABLE, &None));
    }
}
