//! The traps of the schemas, one test each.

use cloudwright_spec::Property;
use serde_json::{Value, json};

use super::archive::leak_value;
use super::shape::Converter;

/// The property of a schema with these definitions, and the names of its nested types.
fn converted(definitions: &Value, node: Value) -> (String, Vec<String>) {
    let root = leak_value(json!({"definitions": definitions}));
    let mut converter = Converter::new(root);
    let property: Property<'static> = converter.property("Owner", "Things", leak_value(node));
    let structs = converter.structs.iter().map(|(name, fields)| {
        let fields = fields.iter().flat_map(|fields| &fields.properties);
        let names: Vec<String> = fields.map(ToString::to_string).collect();
        format!("{name}: {}", names.join("; "))
    });
    (property.to_string(), structs.collect())
}

fn alone(node: Value) -> String {
    converted(&json!({}), node).0
}

#[test]
fn a_widened_union_with_text_is_text() {
    let all = json!(["string", "number", "integer", "object", "array", "boolean"]);
    assert_eq!(alone(json!({"type": all})), "Things string any");
    assert_eq!(
        alone(json!({"type": ["integer", "string"]})),
        "Things string"
    );
    assert_eq!(
        alone(json!({"anyOf": [{"type": "string"}, {"type": "integer"}]})),
        "Things string"
    );
}

#[test]
fn only_a_union_without_scalars_beside_text_is_json() {
    assert_eq!(alone(json!({"type": ["object", "string"]})), "Things json");
    assert_eq!(
        alone(json!({"oneOf": [{"type": "string"}, {"type": "object"}]})),
        "Things json"
    );
    assert_eq!(alone(json!({"type": "object"})), "Things json object");
    assert_eq!(alone(json!({})), "Things json any");
}

#[test]
fn a_shape_that_is_only_in_its_alternatives_is_found() {
    let branch = |name: &str| {
        let properties = json!({name: {"type": "string"}});
        json!({"properties": properties, "required": [name], "additionalProperties": false})
    };
    let node = json!({"oneOf": [branch("A"), branch("B")]});
    let (property, structs) = converted(&json!({}), node);
    assert_eq!(property, "Things Things");
    assert_eq!(structs, ["Things: A string; B string"]);
}

#[test]
fn a_recursive_reference_ends_at_its_name() {
    let statement = json!({"type": "object", "properties": {
        "Not": {"$ref": "#/definitions/Statement"},
        "And": {"type": "array", "items": {"$ref": "#/definitions/Statement"}},
    }});
    let node = json!({"$ref": "#/definitions/Statement"});
    let (property, structs) = converted(&json!({"Statement": statement}), node);
    assert_eq!(property, "Things Statement");
    assert_eq!(structs, ["Statement: And [Statement; Not Statement"]);
}

#[test]
fn a_list_of_itself_becomes_json() {
    let tree = json!({"type": "array", "items": {"$ref": "#/definitions/Tree"}});
    let (property, _) = converted(
        &json!({"Tree": tree}),
        json!({"$ref": "#/definitions/Tree"}),
    );
    assert!(property.ends_with("[json any"), "{property}");
}

#[test]
fn anonymous_elements_of_a_defined_list_are_one_type() {
    let item = json!({"type": "object", "properties": {"Key": {"type": "string"}}});
    let list = json!({"type": "array", "items": item});
    let user = json!({"type": "object", "properties": {
        "One": {"$ref": "#/definitions/Keys"}, "Two": {"$ref": "#/definitions/Keys"},
    }});
    let definitions = json!({"Keys": list, "User": user});
    let (_, structs) = converted(&definitions, json!({"$ref": "#/definitions/User"}));
    assert_eq!(structs, ["Keys: Key string", "User: One [Keys; Two [Keys"]);
}

#[test]
fn values_by_position_close_the_set() {
    let member = |value: &str| json!({"properties": {"Type": {"const": value}}});
    let item = json!({"type": "object", "properties": {"Type": {"type": "string"}}});
    let prefix = [member("HASH"), member("RANGE")];
    let node = json!({"type": "array", "items": item, "prefixItems": prefix});
    assert_eq!(converted(&json!({}), node).1, ["Thing: Type (HASH|RANGE)"]);
}

#[test]
fn maps_have_keys_and_values() {
    let patterns = json!({"^[a-z]+$": {"type": "integer"}});
    let closed = json!({"type": "object", "patternProperties": patterns,
        "additionalProperties": false, "maxProperties": 3});
    assert_eq!(alone(closed), "Things {int items ..3 keys=/^[a-z]+$");
    let free = json!({"type": "object", "additionalProperties": {"type": "boolean"}});
    assert_eq!(alone(free), "Things {bool");
}

#[test]
fn an_object_that_refuses_every_property_is_an_empty_struct() {
    let node = json!({"type": "object", "additionalProperties": false});
    assert_eq!(converted(&json!({}), node).1, ["Things: "]);
}

#[test]
fn references_and_forms_come_from_formats() {
    let role = json!({"type": "string", "format": "AWS::IAM::Role.Arn"});
    assert_eq!(alone(role), "Things string formed ref=AWS::IAM::Role.Arn");
    let cidr = json!({"type": "string", "format": "ipv4-network"});
    assert_eq!(alone(cidr), "Things string form=ipv4-network");
    let target = json!({"typeName": "AWS::EC2::VPC", "propertyPath": "/properties/VpcId"});
    let related = json!({"type": "string", "anyOf": [{"relationshipRef": target}]});
    assert_eq!(alone(related), "Things string ref=AWS::EC2::VPC.VpcId");
}

#[test]
fn closed_sets_of_numbers_and_exclusive_bounds_are_kept() {
    let days = json!({"type": "integer", "enum": [1, 3, 5]});
    assert_eq!(alone(days), "Things int in 1|3|5");
    let below = json!({"type": "integer", "minimum": 0, "exclusiveMaximum": 1000});
    assert_eq!(alone(below), "Things int 0..999");
}
