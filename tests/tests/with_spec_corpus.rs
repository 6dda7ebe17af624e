//! The verdicts that the corpus of literals holds are those of the installed cfn-lint.

use std::process::Command;

#[test]
fn cfn_lint_still_judges_the_corpus_as_it_is_checked_in() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["xtask", "spec", "corpus", "--check"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
