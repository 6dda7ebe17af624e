//! The reference of all checks, made of the registry and of the examples that ran.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use cloudwright::{Rule, Severity};

use crate::{Example, FILES, all_examples, findings, rules};

const HEAD: &str = "\
# Checks

<!-- Written by `cargo xtask checks` from the registry and from the examples that the tests run. -->

Every mistake that the library finds, by its code: why it matters, what to do, a program that is told of it with what that prints, and one
that is not. `cargo run -- explain CODE` prints the first part; `cargo run -- check` looks without writing anything. An **error** stops the
program before anything is written. A **warning** does not, unless it is run with `--deny warnings`; one that is right to ignore is
acknowledged where it is, with a reason:

```rs
function.acknowledge(Finding::SelfTrigger, \"it writes each object once\");
```

The codes: `CW00` is about the tree of constructs, `CW01` about references, `CW02` about limits, `CW03` about values, `CW1` about what
constructs are told, and `CW2` about what the finished templates show, whoever made the resources. A check of your own implements `Check`.

";

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/reference/checks.md")
}

#[test]
fn the_reference_is_what_the_registry_and_the_examples_say() {
    let page = page();
    let found = fs::read_to_string(file()).unwrap_or_default();
    if page == found {
        return;
    }
    if env::var_os("UPDATE_CHECKS").is_some() {
        return fs::write(file(), page).unwrap();
    }
    let line = page
        .lines()
        .zip(found.lines())
        .position(|(new, old)| new != old);
    let line = line.unwrap_or_else(|| page.lines().count().min(found.lines().count()));
    let shown = |text: &str| text.lines().nth(line).unwrap_or_default().to_owned();
    panic!(
        "docs/src/reference/checks.md is not what would be written, from line {}:\n  is:     {}\n  should: {}\nrun \
         `cargo xtask checks`, and review the file like code",
        line + 1,
        shown(&found),
        shown(&page)
    );
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    page += "| code | | |\n|---|---|---|\n";
    for rule in rules() {
        let (code, title) = (rule.code, rule.title);
        let link = format!("{code}-{title}").to_lowercase().replace(' ', "-");
        let _ = writeln!(page, "| [{code}](#{link}) | {} | {title} |", severity(rule));
    }
    for (rule, example) in rules().into_iter().zip(all_examples()) {
        section(&mut page, rule, example);
    }
    page
}

fn section(page: &mut String, rule: &Rule, example: &Example) {
    let Rule {
        code,
        title,
        explanation,
        fix,
        ..
    } = rule;
    let _ = write!(page, "\n## {code}: {title}\n\n");
    let _ = write!(
        page,
        "*{}.* {explanation}\n\n**What to do:** {fix}",
        severity(rule)
    );
    if !rule.page.is_empty() {
        let _ = write!(page, " ([AWS]({}))", rule.page);
    }
    let (fails, passes) = source(code);
    let said = findings(&example.fails);
    let _ = write!(
        page,
        "\n\n```rs\n{fails}\n```\n\n```text\n{}\n```\n",
        placed(&said.to_string())
    );
    let _ = write!(page, "\nInstead:\n\n```rs\n{passes}\n```\n");
}

const fn severity(rule: &Rule) -> &'static str {
    match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// What is printed, with the lines of these files as if the block stood in a file of its own; many
/// findings are cut.
fn placed(said: &str) -> String {
    let mut shown = String::new();
    for line in said.lines() {
        match line.strip_prefix("  --> tests/tests/checks/") {
            // The line is of no use to a reader of the page, and would change with every example.
            Some(_) => shown += "  --> src/main.rs\n",
            None => {
                let _ = writeln!(shown, "{line}");
            }
        }
    }
    shown.trim_end().to_owned()
}

/// The two blocks of an example, as they stand in their file.
fn source(code: &str) -> (String, String) {
    let head = format!("\n{code} {{\n");
    let text = FILES
        .iter()
        .find_map(|(_, file)| Some(file.split_once(&head)?.1));
    let text = text.unwrap_or_else(|| panic!("{code} has no example"));
    let (fails, rest) = text.split_once("    passes(").unwrap();
    let (passes, _) = rest.split_once("\n}\n").unwrap();
    (block(fails), block(passes))
}

/// The lines between the braces, moved to the left.
fn block(text: &str) -> String {
    let (_, body) = text.split_once("{\n").unwrap();
    let body = body.trim_end().strip_suffix('}').unwrap().trim_end();
    let lines = body
        .lines()
        .map(|line| line.strip_prefix("        ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_rule_says_why_and_what_to_do() {
    for rule in rules() {
        for text in [rule.explanation, rule.fix] {
            assert!(
                text.ends_with(['.', ')']) && text.len() > 10,
                "{}: {text}",
                rule.code
            );
        }
        let page = rule.page.is_empty() || rule.page.starts_with("https://docs.aws.amazon.com/");
        assert!(page, "{}: {}", rule.code, rule.page);
    }
}
