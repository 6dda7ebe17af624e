//! Every L1 type, constructed twice: with the required properties only, and with a choice of
//! optional ones. A generated program adds all of them to stacks, the engine synthesizes them,
//! and cfn-lint judges the templates.
//!
//! The choice is random but always the same: its seed is the name of the type. Values are made
//! from the facts (ranges, patterns, closed sets), so what this proves is that facts, generator,
//! engine and cfn-lint agree on every type.

#![allow(unreachable_pub)] // every module here is private to this test

#[path = "../../../constructs/cfn/codegen/lib.rs"]
mod codegen;

mod chars;
mod literal;
mod object;
mod package;
mod program;
mod random;
mod samples;
mod verdict;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use cloudwright_spec::Regions;

/// CloudFormation allows 500 resources in a template, and a million bytes.
const TYPES_PER_STACK: usize = 250;

#[test]
fn cfn_lint_accepts_every_type() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("every_type");
    let program = program::generate(&facts());
    let templates = folder.join("templates");
    package::run(&folder, &program.files, &templates);
    let mut findings = Vec::new();
    for (region, stacks) in &program.stacks {
        let paths: Vec<PathBuf> = stacks
            .iter()
            .map(|stack| templates.join(format!("{stack}.template.json")))
            .collect();
        findings.extend(tests::cfn_lint::lint(&[region], &paths));
    }
    verdict::assert_no_fault(&findings);
}

/// The text of every spec file by its service.
fn facts() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../constructs/cfn/spec");
    let files = fs::read_dir(folder).expect("the facts are in the checkout");
    let text = |file: fs::DirEntry| {
        let name = file.file_name().into_string().ok()?;
        let service = name.strip_suffix(".spec")?.to_owned();
        Some((service, fs::read_to_string(file.path()).ok()?))
    };
    files.filter_map(|file| text(file.ok()?)).collect()
}

/// A region where the type exists; us-east-1 if it does.
fn region<'a>(regions: &Regions<'a>) -> &'a str {
    const FIRST: &str = "us-east-1";
    match regions {
        Regions::OnlyIn(list) if !list.contains(&FIRST) => list.first().copied().unwrap_or(FIRST),
        Regions::NotIn(list) if list.contains(&FIRST) => {
            let others = ["us-west-2", "eu-west-1", "eu-central-1", "us-gov-west-1"];
            let found = others.into_iter().find(|region| !list.contains(region));
            found.unwrap_or(FIRST)
        }
        _ => FIRST,
    }
}
