//! Whatever the model can hold survives being written and parsed, and the written form is stable.

use std::borrow::Cow;

use cloudwright_spec::{
    Attribute, Enum, Facets, Fields, Number, Pattern, Property, Range, Regions, Replace, Resource,
    Rule, Scalar, Service, Struct, TagShape, Tags, Type, find_resource, parse, parse_resource,
    write,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

/// Leaks, so that the strategies can build models that borrow; a test process is short.
fn leak(text: String) -> &'static str {
    text.leak()
}

fn name() -> impl Strategy<Value = &'static str> {
    "[A-Za-z][A-Za-z0-9]{0,8}".prop_map(leak)
}

fn names() -> impl Strategy<Value = Vec<&'static str>> {
    vec(name(), 0..4)
}

fn named() -> impl Strategy<Value = &'static str> {
    "[A-Z][a-z]{1,4}Type".prop_map(leak)
}

fn values() -> impl Strategy<Value = Vec<Cow<'static, str>>> {
    vec(any::<String>().prop_map(Cow::Owned), 1..4)
}

fn scalar() -> impl Strategy<Value = Type<'static>> {
    let all = [
        Scalar::String,
        Scalar::Bool,
        Scalar::Int,
        Scalar::Float,
        Scalar::Json,
    ];
    proptest::sample::select(all.to_vec()).prop_map(Type::Scalar)
}

fn ty() -> impl Strategy<Value = Type<'static>> {
    let leaf = prop_oneof![
        scalar(),
        named().prop_map(Type::Named),
        values().prop_map(Type::OneOf)
    ];
    leaf.prop_recursive(2, 4, 1, |inner| {
        prop_oneof![
            inner.clone().prop_map(|ty| Type::List(Box::new(ty))),
            inner.prop_map(|ty| Type::Map(Box::new(ty))),
        ]
    })
}

fn number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::Int),
        (-1e9..1e9f64).prop_map(Number::Float)
    ]
}

fn range() -> impl Strategy<Value = Range> {
    (option::of(number()), option::of(number())).prop_map(|(min, max)| Range { min, max })
}

fn pattern() -> impl Strategy<Value = Pattern<'static>> {
    let text = || "[ -~]{1,20}".prop_map(leak);
    prop_oneof![
        text().prop_map(Pattern::Chars),
        text().prop_map(Pattern::Regex)
    ]
}

fn keys() -> impl Strategy<Value = Pattern<'static>> {
    let text = || "[a-z\\[\\]*+]{1,9}".prop_map(leak);
    prop_oneof![
        text().prop_map(Pattern::Chars),
        text().prop_map(Pattern::Regex)
    ]
}

fn facets() -> impl Strategy<Value = Facets<'static>> {
    let replace = proptest::sample::select(vec![Replace::Never, Replace::Maybe, Replace::Always]);
    let flags = any::<[bool; 7]>();
    let numbers = (range(), range(), vec(number(), 0..3));
    let default = option::of(any::<String>().prop_map(Cow::Owned));
    (
        replace,
        flags,
        numbers,
        names(),
        default,
        option::of(pattern()),
        option::of(keys()),
    )
        .prop_map(
            |(replace, flags, (range, items, values), refs, default, pattern, keys)| {
                let [
                    write_only,
                    any_shape,
                    object_only,
                    ignore_case,
                    unique,
                    loose,
                    formed,
                ] = flags;
                let mut facets = Facets {
                    replace,
                    write_only,
                    any_shape,
                    object_only,
                    ..Facets::default()
                };
                facets.ignore_case = ignore_case;
                facets.unique = unique;
                facets.loose = loose;
                facets.formed = formed;
                facets.forms = refs.clone();
                facets.unique_by = refs.clone();
                (facets.range, facets.items, facets.values) = (range, items, values);
                (facets.refs, facets.default, facets.pattern) = (refs, default, pattern);
                facets.keys = keys;
                facets
            },
        )
}

fn groups() -> impl Strategy<Value = Vec<Vec<&'static str>>> {
    vec(vec(name(), 1..3), 1..4)
}

fn rule() -> impl Strategy<Value = Rule<'static>> {
    let several = || vec(name(), 1..3);
    prop_oneof![
        groups().prop_map(Rule::Xor),
        groups().prop_map(Rule::Any),
        (name(), several()).prop_map(|(name, others)| Rule::Excludes(name, others)),
        (name(), several()).prop_map(|(name, others)| Rule::Requires(name, others)),
    ]
}

fn fields() -> impl Strategy<Value = Fields<'static>> {
    let properties = btree_map(name(), (any::<bool>(), ty(), facets()), 0..5);
    (properties, vec(rule(), 0..3), any::<bool>(), range()).prop_map(
        |(properties, rules, open, members)| {
            let property = |(name, (required, ty, facets))| Property {
                name,
                required,
                ty,
                facets,
            };
            Fields {
                properties: properties.into_iter().map(property).collect(),
                rules,
                open,
                members,
            }
        },
    )
}

fn regions() -> impl Strategy<Value = Regions<'static>> {
    let several = || vec(name(), 1..3);
    prop_oneof![
        Just(Regions::All),
        several().prop_map(Regions::OnlyIn),
        several().prop_map(Regions::NotIn),
    ]
}

fn tags() -> impl Strategy<Value = Tags<'static>> {
    let shape = proptest::sample::select(vec![TagShape::List, TagShape::Map, TagShape::Asg]);
    (name(), shape).prop_map(|(property, shape)| Tags { property, shape })
}

fn resource(type_name: &'static str) -> impl Strategy<Value = Resource<'static>> {
    let head = (
        names(),
        names(),
        option::of(tags()),
        any::<bool>(),
        regions(),
        names(),
    );
    let arn = option::of("arn:[ -~]{1,20}".prop_map(leak));
    let attributes = btree_map("[A-Z][a-z]{0,3}(\\.[A-Z]{1,3})?".prop_map(leak), ty(), 0..3);
    let enums = btree_map(named(), values(), 0..3);
    let structs = btree_map(named(), fields(), 0..3);
    (head, arn, fields(), attributes, enums, structs).prop_map(move |parts| {
        let ((id, ref_id, tags, stateful, regions, deprecated), arn, fields, atts, enums, structs) =
            parts;
        Resource {
            type_name,
            id,
            ref_id,
            tags,
            stateful,
            arn,
            regions,
            deprecated,
            fields,
            attributes: atts
                .into_iter()
                .map(|(name, ty)| Attribute { name, ty })
                .collect(),
            enums: enums
                .into_iter()
                .map(|(name, values)| Enum { name, values })
                .collect(),
            structs: structs
                .into_iter()
                .map(|(name, fields)| Struct { name, fields })
                .collect(),
        }
    })
}

fn service() -> impl Strategy<Value = Service<'static>> {
    (
        resource("AWS::Test::Alpha"),
        resource("AWS::Test::AlphaTwo"),
    )
        .prop_map(|(first, second)| Service {
            header: vec!["cfn-lint 0.0.0"],
            resources: vec![first, second],
        })
}

proptest! {
    #[test]
    fn parsing_what_was_written_gives_the_same_model(model in service()) {
        let text = write(&model);
        let parsed = parse(&text).unwrap();
        prop_assert_eq!(&parsed, &model);
        prop_assert_eq!(write(&parsed), text);
    }

    #[test]
    fn one_resource_is_found_and_parsed_alone(model in service()) {
        let text = write(&model);
        for resource in &model.resources {
            let excerpt = find_resource(&text, resource.type_name).unwrap();
            prop_assert_eq!(&parse_resource(excerpt).unwrap(), resource);
        }
        prop_assert_eq!(find_resource(&text, "AWS::Test::Alph"), None);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "(resource A\n)?([ ]{0,5}[=!'(\\[{|/.a-zA ]{0,12}\n){0,6}") {
        let _ = parse(&text);
    }
}
