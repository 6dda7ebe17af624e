//! Names that fix which real resource a logical id stands for.

use cloudwright_spec::{Replace, Resource};
use serde_json::Value;

/// The property that gives a resource its name, when both templates set it to the same value.
pub(crate) fn fixed<'a>(facts: &Resource<'a>, old: &Value, new: &Value) -> Option<&'a str> {
    let last = facts.type_name.rsplit("::").next().unwrap_or_default();
    let names = ["Name".to_owned(), format!("{last}Name")];
    let properties = facts.fields.properties.iter();
    let naming = properties.filter(|property| {
        let names_it =
            facts.id.contains(&property.name) || names.iter().any(|name| name == property.name);
        names_it && property.facets.replace == Replace::Always
    });
    let mut set = naming.filter(|property| {
        let value = old["Properties"].get(property.name);
        value.is_some() && value == new["Properties"].get(property.name)
    });
    set.next().map(|property| property.name)
}
