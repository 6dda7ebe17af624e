//! Every example before the judges of the field: cfn-lint has nothing to say about its templates, and
//! the official command line lists, shows and compares its stacks.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::cdk::Cdk;
use tests::cfn_lint::assert_clean_in;
use tests::examples::{Stack, names, synth};
use tests::parliament;

#[test]
fn cfn_lint_finds_neither_errors_nor_warnings() {
    for example in names() {
        let assembly = synth(&example);
        let templates = assembly.templates();
        let templates: Vec<_> = templates
            .iter()
            .map(|path| assembly.folder().join(path))
            .collect();
        // us-east-1 has every resource type; the regions of the stacks are where it counts.
        let stacks = assembly.stacks();
        let mut regions: BTreeSet<_> = stacks.values().filter_map(Stack::region).collect();
        regions.insert("us-east-1");
        let regions: Vec<_> = regions.into_iter().collect();
        assert_clean_in(&regions, &templates);
    }
}

#[test]
fn parliament_finds_nothing_in_the_identity_policies() {
    let mut policies = 0;
    for example in names() {
        let assembly = synth(&example);
        let templates = assembly.templates();
        let templates = templates.iter().map(|path| assembly.folder().join(path));
        policies += parliament::assert_clean(&templates.collect::<Vec<_>>());
    }
    assert!(policies > 40, "the examples have {policies} policies");
}

/// A stack as the official CLI lists it.
fn listed(stack: &Stack) -> Value {
    let place = stack.environment.trim_start_matches("aws://");
    let (account, region) = place.split_once('/').unwrap();
    json!({
        "id": stack.path, "name": stack.name,
        "environment": {"account": account, "region": region, "name": stack.environment},
    })
}

#[test]
fn the_official_cli_lists_the_stacks_with_their_environments() {
    for example in names() {
        let assembly = synth(&example);
        let said = Cdk::on(&assembly.folder()).ls();
        let mut said = said.as_array().cloned().unwrap();
        said.sort_by_key(|stack| stack["name"].to_string());
        let mut expected: Vec<_> = assembly.stacks().values().map(listed).collect();
        expected.sort_by_key(|stack| stack["name"].to_string());
        assert_eq!(said, expected, "{example}");
    }
}

#[test]
fn the_official_cli_shows_each_template_as_it_is() {
    for example in names() {
        let assembly = synth(&example);
        let cdk = Cdk::on(&assembly.folder());
        for stack in assembly.stacks().values() {
            assert_eq!(cdk.synth(&stack.path), stack.template, "{}", stack.id);
        }
    }
}

#[test]
fn the_official_cli_finds_a_change_and_nothing_else() {
    let old = TempDir::new().unwrap();
    let old = old.path().join("old.json");
    for example in names() {
        let assembly = synth(&example);
        let cdk = Cdk::on(&assembly.folder());
        for stack in assembly.stacks().values() {
            let said = cdk.diff(&stack.path, &assembly.folder().join(&stack.file));
            assert!(said.contains("There were no differences"), "{said}");
            let (without, kind, id) = without_a_resource(stack);
            fs::write(&old, without.to_string()).unwrap();
            let said = cdk.diff(&stack.path, &old);
            assert!(!said.contains("There were no differences"), "{said}");
            let added: Vec<_> = said
                .lines()
                .filter(|line| line.starts_with("[+] AWS::"))
                .collect();
            let [added] = added.as_slice() else {
                panic!("{} has {} that is new:\n{said}", stack.id, id)
            };
            assert!(added.contains(&kind) && added.contains(&id), "{said}");
        }
    }
}

/// The template without its last resource, and that resource's type and logical id.
fn without_a_resource(stack: &Stack) -> (Value, String, String) {
    let mut template = stack.template.clone();
    let resources = template["Resources"].as_object_mut().unwrap();
    let id = resources.keys().next_back().unwrap().clone();
    let resource = resources.remove(&id).unwrap();
    let kind = resource["Type"].as_str().unwrap().to_owned();
    (template, kind, id)
}
