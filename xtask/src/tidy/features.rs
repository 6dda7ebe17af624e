//! The table of features in `tests/features.md`: every feature names tests that would fail without
//! it, and the named tests exist.
//!
//! A row is `| feature | tests |`; a test is `` `path::name` `` with the path of its source from the
//! root, as in `` `synth/src/tags.rs::a_tag_reaches_every_child` ``. Several are separated by
//! commas.

use super::{Findings, Repository};
use crate::Outcome;

const TABLE: &str = "tests/features.md";

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let table = repository
        .text(TABLE)
        .ok_or_else(|| format!("{TABLE} is missing"))?;
    Ok(judge(table, repository))
}

fn judge(table: &str, repository: &Repository) -> Findings {
    let mut findings = Findings::default();
    for (feature, tests) in table.lines().filter_map(row) {
        if tests.is_empty() {
            let said = format!("{feature}: {TABLE} names no test of it");
            findings.errors.push(said);
        }
        let missing = tests.iter().filter(|test| !exists(repository, test));
        findings
            .errors
            .extend(missing.map(|test| format!("{feature}: there is no test {test}")));
    }
    findings
}

/// The feature and the tests of a row, if the line is one.
fn row(line: &str) -> Option<(&str, Vec<&str>)> {
    let (feature, tests) = line
        .strip_prefix("| ")?
        .strip_suffix('|')?
        .split_once('|')?;
    let feature = feature.trim();
    let heading = feature == "feature" || feature.starts_with("---");
    let tests = tests.split(',').map(|test| test.trim().trim_matches('`'));
    (!heading).then(|| (feature, tests.filter(|test| !test.is_empty()).collect()))
}

/// Whether the source holds a test function of that name.
fn exists(repository: &Repository, test: &str) -> bool {
    let Some((path, name)) = test.rsplit_once("::") else {
        return false;
    };
    let Some(text) = repository.text(path) else {
        return false;
    };
    let definition = format!("fn {name}(");
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let mut definitions = (0..lines.len()).filter(|at| lines[*at].contains(&definition));
    definitions.any(|at| {
        let above = lines[..at].iter().rev();
        let mut attributes =
            above.take_while(|line| line.starts_with("#[") || line.starts_with("//"));
        attributes.any(|line| *line == "#[test]")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: (&str, &str) = (
        "synth/src/tags.rs",
        "#[test]\nfn tags_are_kept() {}\nfn helper() {}\n",
    );

    fn judged(table: &str) -> Findings {
        judge(table, &Repository::of(&[SOURCE]))
    }

    #[test]
    fn a_named_test_must_exist_and_be_a_test() {
        let heading = "| feature | tests |\n| --- | --- |\n";
        let row = |test: &str| format!("{heading}| tags | `synth/src/tags.rs::{test}` |\n");
        assert!(judged(&row("tags_are_kept")).errors.is_empty());
        assert_eq!(judged(&row("tags_are_lost")).errors.len(), 1);
        assert_eq!(judged(&row("helper")).errors.len(), 1);
    }

    #[test]
    fn a_feature_needs_a_test() {
        let judged = judged("| tags | |\n| names | |\n");
        assert_eq!(judged.errors.len(), 2);
        assert!(judged.errors[0].starts_with("tags: "));
    }
}
