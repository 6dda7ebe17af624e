//! The operations of an assembly: what its constructs say can be asked of them; and its needs: what they have to find
//! in a resource that is filled later.

use serde_json::{Value, json};

/// Something that a program has to find in a resource once that is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The path of the construct that needs it.
    pub consumer: String,
    /// The member of the JSON object that the resource has to hold.
    pub key: String,
    /// The id of the stack with the resource.
    pub stack: String,
    /// The logical ids that lead to the resource: those of nested stacks, then its own.
    pub ids: Vec<String>,
}

impl Need {
    /// The needs in `facts.json`; `None` if the list is not one of needs.
    pub(crate) fn all(facts: &Value) -> Option<Vec<Self>> {
        match &facts["needs"] {
            Value::Null => Some(Vec::new()),
            entries => entries.as_array()?.iter().map(Self::read).collect(),
        }
    }

    fn read(entry: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let (stack, ids) = target(entry)?;
        Some(Self {
            consumer: text(&entry["consumer"])?,
            key: text(&entry["key"])?,
            stack,
            ids,
        })
    }
}

/// The stack and the way to the resource of an entry.
fn target(entry: &Value) -> Option<(String, Vec<String>)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let target = &entry["target"];
    let ids: Option<Vec<_>> = target["logicalIds"].as_array()?.iter().map(text).collect();
    Some((text(&target["stack"])?, ids.filter(|ids| !ids.is_empty())?))
}

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
    /// The member of the payload that a plain word behind the name stands for.
    pub argument: Option<String>,
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
        let (stack, ids) = target(entry)?;
        Some(Self {
            construct: text(&entry["construct"])?,
            name: text(&entry["name"])?,
            summary: text(&entry["summary"])?,
            read_only: entry["readOnly"].as_bool()?,
            stack,
            ids,
            kind: text(&entry["target"]["type"])?,
            member: text(&entry["member"]),
            argument: text(&entry["argument"]),
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
            "member": "rebuild", "argument": "from", "payload": { "type": "object" } })
    }

    #[test]
    fn an_operation_is_read_with_the_way_to_its_resource() {
        let all = Operation::all(&json!({ "operations": [entry()] })).unwrap();
        assert_eq!((&*all[0].construct, &*all[0].stack), ("Prod/Index", "Prod"));
        assert_eq!(all[0].ids, ["Nested1", "Rebuild2"]);
        assert_eq!(all[0].argument.as_deref(), Some("from"));
        assert_eq!(
            all[0].event(json!({ "from": "a" })),
            json!({ "rebuild": { "from": "a" } })
        );
        assert_eq!(Operation::all(&json!({})), Some(Vec::new()));
    }

    #[test]
    fn a_need_is_read_with_the_way_to_its_resource() {
        let target = json!({ "stack": "Prod", "logicalIds": ["Payments1"], "type": "AWS::SecretsManager::Secret" });
        let entry = json!({ "consumer": "Prod/Shop", "key": "token", "target": target });
        let all = Need::all(&json!({ "needs": [entry] })).unwrap();
        assert_eq!((&*all[0].consumer, &*all[0].key), ("Prod/Shop", "token"));
        assert_eq!(all[0].ids, ["Payments1"]);
        assert_eq!(Need::all(&json!({})), Some(Vec::new()));
        assert_eq!(Need::all(&json!({ "needs": [{ "key": 1 }] })), None);
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
