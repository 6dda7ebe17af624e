//! Tags, handed down to every resource that takes them, in the form that its type wants.

mod support;

use cloudwright_synth::{App, Handle, Json, Props, RawResource, Resource, TagRule, json};
use serde_json::{Value as Plain, json as plain};
use support::{assembly_of, home, json_of};

macro_rules! taggable {
    ($name:ident $kind:literal $spec:literal) => {
        struct $name(Props);

        crate::support::builder!($name);

        impl Resource for $name {
            const TYPE: &'static str = $kind;
            const SPEC: &'static str = concat!("resource ", $kind, "\n", $spec);
            type Ref = Handle;
        }
    };
}

taggable!(Listed "AWS::Test::Listed" "  id Id\n  tags Tags list\n  Tags [json\n");
taggable!(Mapped "AWS::Test::Mapped" "  id Id\n  tags TagMap map\n  TagMap json\n");
taggable!(Group "AWS::Test::Group" "  id Id\n  tags Tags asg\n  Tags [json\n");
taggable!(Untagged "AWS::Test::Untagged" "  id Id\n");

/// The properties of each resource of a stack that `tag` tags.
fn tagged(tag: impl FnOnce(&App, &cloudwright_synth::Stack)) -> Plain {
    let app = App::new();
    let stack = app.stack("S", home());
    stack.add("Listed", Listed(Props::new()));
    stack.add("Mapped", Mapped(Props::new()));
    stack.add("Group", Group(Props::new()));
    stack.add("Untagged", Untagged(Props::new()));
    stack.add("Raw", RawResource::new("AWS::Test::Raw"));
    tag(&app, &stack);
    let mut template = json_of(&assembly_of(app), "S");
    let resources = template["Resources"].as_object_mut().unwrap();
    resources
        .iter_mut()
        .map(|(id, resource)| (id.clone(), resource["Properties"].take()))
        .collect()
}

#[test]
fn every_shape_of_tags_is_written() {
    let found = tagged(|app, stack| {
        app.tag("team", "mail");
        stack.tag("stage", "prod");
    });
    let list = plain!([{ "Key": "stage", "Value": "prod" }, { "Key": "team", "Value": "mail" }]);
    assert_eq!(found["Listed"], plain!({ "Tags": list }));
    assert_eq!(
        found["Mapped"],
        plain!({ "TagMap": { "stage": "prod", "team": "mail" } })
    );
    let at_launch = plain!([
        { "Key": "stage", "Value": "prod", "PropagateAtLaunch": true },
        { "Key": "team", "Value": "mail", "PropagateAtLaunch": true },
    ]);
    assert_eq!(found["Group"], plain!({ "Tags": at_launch }));
    assert_eq!(
        (&found["Untagged"], &found["Raw"]),
        (&Plain::Null, &Plain::Null)
    );
}

#[test]
fn rules_include_and_exclude_types() {
    let only =
        tagged(|_, stack| stack.tag_where(TagRule::new("k", "v").only(["AWS::Test::Listed"])));
    assert!(only["Listed"].is_object() && only["Mapped"].is_null() && only["Group"].is_null());
    let except =
        tagged(|_, stack| stack.tag_where(TagRule::new("k", "v").except(["AWS::Test::Listed"])));
    assert!(
        except["Listed"].is_null() && except["Mapped"].is_object() && except["Group"].is_object()
    );
}

#[test]
fn the_nearer_tag_wins_and_a_priority_beats_it() {
    let value = |found: &Plain| found["Mapped"]["TagMap"]["k"].clone();
    let nearer = tagged(|app, stack| {
        stack.tag("k", "near");
        app.tag("k", "far");
    });
    assert_eq!(value(&nearer), "near");
    let stronger = tagged(|app, stack| {
        stack.tag("k", "near");
        app.scope()
            .tag_where(TagRule::new("k", "strong").priority(200));
    });
    assert_eq!(value(&stronger), "strong");
    let later = tagged(|_, stack| {
        stack.tag("k", "first");
        stack.tag("k", "second");
    });
    assert_eq!(value(&later), "second");
}

#[test]
fn a_tag_that_the_resource_states_wins() {
    let app = App::new();
    let stack = app.stack("S", home());
    let own = json!([{ "Key": "k", "Value": "own" }, { "Key": "a", "Value": "x" }]);
    stack.add("Listed", Listed(Props::new().with("Tags", own)));
    stack.add(
        "Mapped",
        Mapped(Props::new().with("TagMap", json!({ "k": "own" }))),
    );
    stack.tag("k", "handed down");
    stack.tag("m", "y");
    let template = json_of(&assembly_of(app), "S");
    assert_eq!(
        template["Resources"]["Listed"]["Properties"]["Tags"],
        plain!([{ "Key": "a", "Value": "x" }, { "Key": "k", "Value": "own" }, { "Key": "m", "Value": "y" }])
    );
    assert_eq!(
        template["Resources"]["Mapped"]["Properties"]["TagMap"],
        plain!({ "k": "own", "m": "y" })
    );
}

#[test]
fn tags_that_only_the_deployment_knows_are_left_alone() {
    let app = App::new();
    let stack = app.stack("S", home());
    let token = Json::function("Fn::Transform", json!({ "Name": "Tags" }));
    stack.add("Listed", Listed(Props::new().with("Tags", token)));
    stack.tag("k", "v");
    let template = json_of(&assembly_of(app), "S");
    let tags = &template["Resources"]["Listed"]["Properties"]["Tags"];
    assert_eq!(tags, &plain!({ "Fn::Transform": { "Name": "Tags" } }));
}

#[test]
fn tags_reach_resources_that_are_added_later_and_stop_at_their_construct() {
    let app = App::new();
    let stack = app.stack("S", home());
    let outer = stack.add("Outer", Mapped(Props::new()));
    outer.scope().tag("k", "v");
    outer.scope().add("Inner", Mapped(Props::new()));
    stack.add("Beside", Mapped(Props::new()));
    let assembly = assembly_of(app);
    let tagged: Vec<_> = assembly.stacks()[0]
        .template()
        .resources()
        .filter(|resource| resource.properties().get("TagMap").is_some())
        .map(|resource| resource.path().to_owned())
        .collect();
    assert_eq!(tagged, ["S/Outer", "S/Outer/Inner"]);
}
