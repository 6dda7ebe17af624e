//! The helper around cfn-lint: it reports what the judge finds and notices an empty bench.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use tests::cfn_lint::{Finding, assert_clean, lint};
use tests::reference::reference;
use tests::tools::support;

fn clean() -> PathBuf {
    support("fixtures/assembly/Uploads.template.json")
}

fn faulty() -> PathBuf {
    support("fixtures/faulty.template.json")
}

#[test]
fn a_sound_template_is_clean() {
    assert_clean(&[clean()]);
}

#[test]
fn the_reference_system_is_clean() {
    let folder = TempDir::new().unwrap();
    let templates = [false, true].map(|strict| {
        let file = folder.path().join(format!("strict-{strict}.template.json"));
        fs::write(&file, reference(strict).to_string()).unwrap();
        file
    });
    assert_clean(&templates);
}

#[test]
fn a_misspelt_property_is_named_in_a_batch() {
    let mut faults = lint(&["us-east-1"], &[clean(), faulty()]);
    faults.retain(Finding::is_fault);
    let [finding] = faults.as_slice() else {
        panic!("expected one fault: {faults:?}")
    };
    assert_eq!(finding.rule, "E3002");
    assert_eq!(finding.path, "Resources/Jobs/Properties/DelaySecond");
    assert_eq!(finding.template, faulty());
}

#[test]
#[should_panic(expected = "E3002")]
fn a_fault_fails_the_test() {
    assert_clean(&[faulty()]);
}

#[test]
#[should_panic(expected = "cfn-lint scanned {}")]
fn a_template_that_is_not_there_fails_the_test() {
    assert_clean(&[support("fixtures/no-such.template.json")]);
}
