//! What the tests of the engine share.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cloudwright_synth::{
    App, Assembly, Diagnostic, Diagnostics, Environment, RawResource, Severity, Stack,
};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "eu-central-1";

/// Makes a type around `Props` a builder.
#[allow(unused_macros, reason = "each test program uses a part of it")]
macro_rules! builder {
    ($name:ident) => {
        impl cloudwright_synth::Builder for $name {
            fn props(&mut self) -> &mut Props {
                &mut self.0
            }
        }
    };
}

#[allow(unused_imports, reason = "each test program uses a part of it")]
pub(crate) use builder;

/// A known environment.
pub(crate) fn home() -> Environment {
    Environment::new(ACCOUNT, REGION)
}

/// A resource without properties.
pub(crate) fn queue() -> RawResource {
    RawResource::new("AWS::SQS::Queue")
}

/// The findings of an app with one stack, `S`, that `build` fills.
pub(crate) fn findings(build: impl FnOnce(&Stack)) -> Diagnostics {
    let app = App::new();
    build(&app.stack("S", home()));
    findings_of(app)
}

/// The findings of an app, whether or not they forbid a template.
pub(crate) fn findings_of(app: App) -> Diagnostics {
    match app.synth() {
        Ok(assembly) => assembly.warnings().clone(),
        Err(findings) => findings,
    }
}

/// The template of an app with one stack, `S`, as JSON; the app is expected to be right.
pub(crate) fn template(build: impl FnOnce(&Stack)) -> serde_json::Value {
    let app = App::new();
    build(&app.stack("S", home()));
    json_of(&assembly_of(app), "S")
}

/// The assembly of an app that is expected to be right.
pub(crate) fn assembly_of(app: App) -> Assembly {
    app.synth().unwrap_or_else(|findings| panic!("{findings}"))
}

/// The template of a stack as JSON.
pub(crate) fn json_of(assembly: &Assembly, stack: &str) -> serde_json::Value {
    let text = assembly.stack(stack).unwrap().template().to_json();
    serde_json::from_str(&text).unwrap()
}

/// The only finding with a code.
#[track_caller]
pub(crate) fn only<'a>(findings: &'a Diagnostics, code: &str) -> &'a Diagnostic {
    let found: Vec<_> = findings
        .iter()
        .filter(|finding| finding.rule.code == code)
        .collect();
    let [finding] = found[..] else {
        panic!("expected one {code}, got:\n{findings}");
    };
    finding
}

/// Asserts that there is one error with this code, whose text holds all of `parts`.
#[track_caller]
pub(crate) fn assert_error(findings: &Diagnostics, code: &str, parts: &[&str]) {
    let finding = only(findings, code);
    assert_eq!(finding.severity, Severity::Error);
    let text = finding.to_string();
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in:\n{text}");
    }
}

/// Asserts that nothing was found.
#[track_caller]
pub(crate) fn assert_clean(findings: &Diagnostics) {
    assert!(findings.is_empty(), "{findings}");
}

/// Every file of an assembly as it is written, by name.
pub(crate) fn files(assembly: &Assembly) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    assembly.write(&out).unwrap();
    files_in(&out)
}

/// The files of a folder, by name.
pub(crate) fn files_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}
