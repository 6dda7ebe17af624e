//! A schema node with its references resolved, seen as layers that all apply.

use serde_json::{Map, Value};

/// A JSON object of the schema.
pub(crate) type Node = &'static Map<String, Value>;

/// One place of a schema: the node itself, what its `$ref`s lead to, the members of `allOf`, and
/// the member of a `oneOf` or `anyOf` that has no other.
/// A judge applies all of them, so that every question is asked of all layers.
#[derive(Clone, Default)]
pub(crate) struct View {
    /// The name of the last definition passed on the way.
    pub(crate) name: Option<&'static str>,
    /// The nodes, the nearest first.
    pub(crate) layers: Vec<Node>,
}

impl View {
    /// Resolves `node` within the schema `root`.
    pub(crate) fn new(root: &'static Value, node: &'static Value) -> Self {
        let mut view = View::default();
        view.add(root, node);
        view
    }

    fn add(&mut self, root: &'static Value, node: &'static Value) {
        let Some(layer) = node.as_object() else {
            return;
        };
        if self.layers.iter().any(|seen| std::ptr::eq(*seen, layer)) {
            return;
        }
        self.layers.push(layer);
        if let Some(pointer) = layer.get("$ref").and_then(Value::as_str)
            && let Some(target) = resolve(root, pointer)
        {
            self.name = pointer.rsplit('/').next();
            self.add(root, target);
        }
        self.add_all_of(root, array(layer, "allOf"));
        // An alternative to nothing applies as well.
        for alternatives in [array(layer, "oneOf"), array(layer, "anyOf")] {
            if alternatives.len() == 1 {
                self.add_all_of(root, alternatives);
            }
        }
    }

    /// Several references combined make something that none of their names stands for.
    fn add_all_of(&mut self, root: &'static Value, parts: &'static [Value]) {
        let name = self.name;
        for part in parts {
            self.add(root, part);
        }
        if parts
            .iter()
            .filter(|part| part.get("$ref").is_some())
            .count()
            != 1
        {
            self.name = name;
        }
    }

    /// The first layer's value of `key`.
    pub(crate) fn first(&self, key: &str) -> Option<&'static Value> {
        self.layers.iter().find_map(|layer| layer.get(key))
    }

    /// The values of `key` in every layer.
    pub(crate) fn all(&self, key: &str) -> impl Iterator<Item = &'static Value> {
        self.layers.iter().filter_map(move |layer| layer.get(key))
    }

    /// The first layer's text of `key`.
    pub(crate) fn text(&self, key: &str) -> Option<&'static str> {
        self.first(key).and_then(Value::as_str)
    }

    /// The first layer's `type`, as a list; one beside a `$ref` gives way to the definition's.
    pub(crate) fn types(&self) -> Vec<&'static str> {
        let own = self
            .layers
            .iter()
            .filter(|layer| !layer.contains_key("$ref"));
        let ty = own
            .clone()
            .find_map(|layer| layer.get("type"))
            .or_else(|| self.first("type"));
        match ty {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The alternatives of every `oneOf` and `anyOf`.
    pub(crate) fn branches(&self) -> Vec<&'static Value> {
        let groups = self
            .layers
            .iter()
            .flat_map(|layer| [array(layer, "oneOf"), array(layer, "anyOf")]);
        groups.flatten().collect()
    }
}

/// The elements of the array under `key`; none if there is no such array.
pub(crate) fn array(node: Node, key: &str) -> &'static [Value] {
    node.get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Follows a local JSON pointer; the standard escapes `~1` and `~0` are `serde_json`'s to undo.
fn resolve(root: &'static Value, pointer: &str) -> Option<&'static Value> {
    root.pointer(pointer.strip_prefix('#')?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::archive::leak_value;
    use serde_json::json;

    #[test]
    fn references_into_properties_and_escapes_are_followed() {
        let root = leak_value(json!({
            "properties": {"A/B": {"type": "string"}},
            "definitions": {"X": {"$ref": "#/properties/A~1B"}},
        }));
        let node = leak_value(json!({"$ref": "#/definitions/X", "maxLength": 3}));
        let view = View::new(root, node);
        assert_eq!(view.types(), ["string"]);
        assert!(view.first("maxLength").is_some());
    }

    #[test]
    fn a_type_beside_a_reference_gives_way() {
        let root = leak_value(json!({"definitions": {"X": {"type": "string"}}}));
        let node = leak_value(json!({"$ref": "#/definitions/X", "type": "object"}));
        assert_eq!(View::new(root, node).types(), ["string"]);
    }

    #[test]
    fn a_reference_to_itself_ends() {
        let root = leak_value(json!({"definitions": {"X": {"$ref": "#/definitions/X"}}}));
        assert_eq!(View::new(root, &root["definitions"]["X"]).layers.len(), 1);
    }

    #[test]
    fn all_of_adds_layers() {
        let root = leak_value(json!({"allOf": [{"type": "integer"}, {"default": 3}]}));
        let view = View::new(root, root);
        assert_eq!(view.types(), ["integer"]);
        assert!(view.first("default").is_some());
    }
}
