//! The operations of an assembly: what its constructs say can be asked of them.

use serde_json::{Value, json};

/// Something that can be asked of a construct in its deployed stack.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The path of the construct, such as `Prod/Index`.
    pub construct: String,
    /// What it is called, such as `reload`; unique among those of the construct.
    pub name: String,
    /// What it does, in one line; may be empty.
    pub summary: String,
    /// Whether it changes nothing.
    pub read_only: bool,
    /// The id of the stack with the resource that does it.
    pub stack: String,
    /// The logical ids that lead to that resource: those of nested stacks, then its own.
    pub ids: Vec<String>,
    /// The resource's CloudFormation type.
    pub kind: String,
    /// The member of the event that holds the payload.
    pub member: Option<String>,
    /// The JSON Schema of the payload; `None` where nothing is handed over.
    pub payload: Option<Value>,
}

impl Operation {
    /// The operations in `facts.json`, none in an assembly that has no such list; `None` if the list is not
    /// one of operations.
    pub(crate) fn all(facts: &Value) -> Option<Vec<Self>> {
        match &facts["operations"] {
            Value::Null => Some(Vec::new()),
            entries => entries.as_array()?.iter().map(Self::read).collect(),
        }
    }

    fn read(entry: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let target = &entry["target"];
        let ids: Option<Vec<_>> = target["logicalIds"].as_array()?.iter().map(text).collect();
        Some(Self {
            construct: text(&entry["construct"])?,
            name: text(&entry["name"])?,
            summary: text(&entry["summary"])?,
            read_only: entry["readOnly"].as_bool()?,
            stack: text(&target["stack"])?,
            ids: ids.filter(|ids| !ids.is_empty())?,
            kind: text(&target["type"])?,
            member: text(&entry["member"]),
            payload: entry.get("payload").cloned(),
        })
    }

    /// What the resource is handed for a payload.
    #[must_use]
    pub fn event(&self, payload: Value) -> Value {
        match &self.member {
            Some(member) => json!({ member: payload }),
            None => payload,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Value {
        json!({ "construct": "Prod/Index", "name": "reload", "summary": "..", "readOnly": false,
            "target": { "stack": "Prod", "logicalIds": ["Nested1", "Rebuild2"], "type": "AWS::Lambda::Function" },
            "member": "rebuild", "payload": { "type": "object" } })
    }

    #[test]
    fn an_operation_is_read_with_the_way_to_its_resource() {
        let all = Operation::all(&json!({ "operations": [entry()] })).unwrap();
        assert_eq!((&*all[0].construct, &*all[0].stack), ("Prod/Index", "Prod"));
        assert_eq!(all[0].ids, ["Nested1", "Rebuild2"]);
        assert_eq!(
            all[0].event(json!({ "from": "a" })),
            json!({ "rebuild": { "from": "a" } })
        );
        assert_eq!(Operation::all(&json!({})), Some(Vec::new()));
    }

    #[test]
    fn a_list_of_something_else_is_told_apart() {
        for (member, instead) in [("construct", json!(1)), ("readOnly", json!("no"))] {
            let mut entry = entry();
            entry[member] = instead;
            assert_eq!(Operation::all(&json!({ "operations": [entry] })), None);
        }
        let mut lost = entry();
        lost["target"]["logicalIds"] = json!([]);
        assert_eq!(Operation::all(&json!({ "operations": [lost] })), None);
        assert_eq!(Operation::all(&json!({ "operations": "none" })), None);
    }
}
