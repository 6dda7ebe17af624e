//! The generator's own tests, and its agreement with the manifests of this crate and the one above.

#![allow(unreachable_pub)] // the generator is a private module here

#[path = "../codegen/lib.rs"]
mod codegen;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use codegen::{Library, families, feature_of, manifest_section, passed_on, service};

/// crates.io allows 300 features; a few stay free for what AWS adds.
const MOST_FEATURES: usize = 290;

fn beside_the_manifest(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The services that there are facts about, sorted.
fn services() -> Vec<String> {
    let files = fs::read_dir(beside_the_manifest("spec")).expect("the facts are in the checkout");
    let service = |file: fs::DirEntry| {
        let name = file.file_name().into_string().ok()?;
        name.strip_suffix(".spec").map(str::to_owned)
    };
    let mut services: Vec<String> = files.filter_map(|file| service(file.ok()?)).collect();
    services.sort();
    assert!(!services.is_empty());
    services
}

/// Holds that a manifest contains what `write` makes of the services.
fn assert_manifest(path: &str, write: fn(&[&str]) -> String) {
    let services = services();
    let names: Vec<&str> = services.iter().map(String::as_str).collect();
    let expected = write(&names);
    let manifest = fs::read_to_string(beside_the_manifest(path)).expect("the manifest is there");
    assert!(
        manifest.contains(&expected),
        "{path} wants these lines:\n{expected}"
    );
}

#[test]
fn the_manifest_has_a_feature_for_every_service() {
    assert_manifest("Cargo.toml", manifest_section);
}

/// Users turn services on through the crate that they import.
#[test]
fn the_crate_above_passes_every_feature_on() {
    assert_manifest("../Cargo.toml", passed_on);
}

#[test]
fn families_name_services_that_exist() {
    let services = services();
    for (family, members) in families() {
        for member in *members {
            assert!(
                services.iter().any(|service| service == member),
                "{family}: {member}"
            );
        }
    }
}

#[test]
fn there_are_fewer_features_than_the_registry_allows() {
    let features: BTreeSet<String> = services().iter().map(|name| feature_of(name)).collect();
    assert!(features.len() + 2 < MOST_FEATURES); // with `default` and `all`
}

/// The signature of each setter of a resource type with these properties.
fn setters(properties: &str) -> Vec<String> {
    let facts = format!("resource AWS::Test::Thing\n  id Name\n{properties}");
    let nothing_else = |_: &str| None;
    let generated = service("Test", &facts, &Library::new(&nothing_else)).expect("valid facts");
    let lines = generated.source.lines().map(str::trim);
    let setter = |line: &str| {
        line.strip_prefix("pub fn ")?
            .split(" {")
            .next()
            .map(str::to_owned)
    };
    let all = lines.filter_map(setter);
    all.filter(|line| line.contains("(self, value: ")).collect()
}

#[test]
fn text_that_may_have_any_form_takes_documents() {
    let json = "(self, value: impl IntoValue<synth::Json>) -> Self";
    assert_eq!(
        setters("  Policy string any 1..\n"),
        [format!("policy{json}")]
    );
    assert_eq!(setters("  Policy json\n"), [format!("policy{json}")]);
    let text = "(self, value: impl IntoValue<String>) -> Self";
    assert_eq!(setters("  Policy string 1..\n"), [format!("policy{text}")]);
    let map = "(self, value: impl IntoValue<synth::MapOf<String>>) -> Self";
    assert_eq!(setters("  Policy {string any\n"), [format!("policy{map}")]);
}
