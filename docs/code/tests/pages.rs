//! The pages of the guide: all are listed, whole programs synthesize, commands that need no AWS do what stands below them,
//! and what is written as JSON, TOML or a shell's line is that.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

#[path = "../src/blocks.rs"]
mod blocks;

use blocks::{Block, blocks};

/// Verbs that need no AWS, and are run.
const RUN: [&str; 7] = ["check", "diff", "explain", "graph", "ls", "review", "synth"];

/// A program that is to be refused.
const MISTAKES: &str = "rust,mistakes";

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src")
}

/// Every page by its path without the ending.
fn pages() -> Vec<(String, String)> {
    fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, pages);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                pages.push(path);
            }
        }
    }
    let book = book();
    let mut paths = Vec::new();
    collect(&book, &mut paths);
    paths.sort();
    let page = |path: PathBuf| {
        let name = path.strip_prefix(&book).unwrap().with_extension("");
        (
            name.to_str().unwrap().to_owned(),
            fs::read_to_string(&path).unwrap(),
        )
    };
    paths.into_iter().map(page).collect()
}

/// Every block with the page that it is in.
fn all_blocks() -> Vec<(String, Block)> {
    let all = pages().into_iter().flat_map(|(page, text)| {
        let found = blocks(&text).into_iter();
        found.map(move |block| (page.clone(), block))
    });
    all.collect()
}

/// Runs the program of a place in the guide.
fn run(place: &str, folder: &Path, arguments: &[String]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_guide"));
    program
        .args(arguments)
        .env("GUIDE_BLOCK", place)
        .env("NO_COLOR", "1")
        .current_dir(folder);
    program.output().unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn the_summary_lists_every_page_once() {
    let summary = fs::read_to_string(book().join("SUMMARY.md")).unwrap();
    let links = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let listed: Vec<_> = links.map(str::to_owned).collect();
    let once: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), once.len(), "{listed:?}");
    let pages = pages().into_iter().map(|(page, _)| format!("{page}.md"));
    let pages: BTreeSet<_> = pages.filter(|page| page != "SUMMARY.md").collect();
    assert_eq!(once, pages);
}

#[test]
fn every_program_synthesizes_without_a_warning() {
    let mut count = 0;
    for (page, block) in all_blocks() {
        if !block.is_program() {
            continue;
        }
        count += 1;
        let folder = TempDir::new().unwrap();
        let place = format!("{page}:{}", block.line);
        let output = run(&place, folder.path(), &["synth".to_owned()]);
        let said = said(&output);
        if block.language == MISTAKES {
            assert_eq!(output.status.code(), Some(1), "{place}: {said}");
        } else {
            assert!(output.status.success(), "{place}: {said}");
            assert!(said.contains("(no warnings)"), "{place}: {said}");
        }
    }
    assert!(count > 0, "the guide has no program");
}

#[test]
fn commands_without_aws_say_what_stands_below_them() {
    // A page without a program of its own speaks of any.
    let any = all_blocks();
    let any = any.iter().find(|(_, block)| block.is_program());
    let any = any.map(|(page, block)| format!("{page}:{}", block.line));
    let any = any.expect("the guide has a program");
    let mut compared = 0;
    for (page, text) in pages() {
        let found = blocks(&text);
        let folder = TempDir::new().unwrap();
        let mut program = (any.clone(), 0);
        let mut told = None;
        for block in &found {
            let place = format!("{page}:{}", block.line);
            match &*block.language {
                _ if block.is_program() => {
                    program = (place, i32::from(block.language == MISTAKES));
                }
                "sh" => told = typed(&place, &program, folder.path(), block),
                "text" => {
                    if let Some(told) = told.take() {
                        compared += 1;
                        compare(&place, &told, block);
                    }
                }
                _ => {}
            }
            if block.language != "sh" {
                told = None;
            }
        }
    }
    assert!(compared > 2, "only {compared} outputs are compared");
}

/// Runs the commands of a block that need no AWS; what they said, if that were all of its commands.
fn typed(
    place: &str,
    (program, code): &(String, i32),
    folder: &Path,
    block: &Block,
) -> Option<String> {
    let mut all = String::new();
    let mut complete = true;
    for line in commands(block) {
        let Some(arguments) = verb(&line) else {
            complete = false;
            continue;
        };
        let output = run(program, folder, &arguments);
        let said = said(&output);
        let expected = if arguments[0] == "explain" { 0 } else { *code };
        assert_eq!(
            output.status.code(),
            Some(expected),
            "{place}: `{line}`: {said}"
        );
        all += &as_users_see(program, &said);
    }
    complete.then_some(all)
}

/// What a program said, with the lines that it has in a project: its block is `src/main.rs` there.
fn as_users_see(program: &str, said: &str) -> String {
    let (page, first) = program.rsplit_once(':').unwrap();
    let first: usize = first.parse().unwrap();
    let file = format!("{}.rs:", page.replace(['/', '-'], "_").to_lowercase());
    let mut parts = said.split(&file);
    let mut seen = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|letter: char| !letter.is_ascii_digit());
        let (number, rest) = part.split_at(end.unwrap_or(part.len()));
        let number: usize = number.parse().unwrap();
        seen += &format!("src/main.rs:{}{rest}", number - first);
    }
    seen
}

/// The arguments of a line that runs the user's program with a verb that needs neither AWS nor a repository.
fn verb(line: &str) -> Option<Vec<String>> {
    let (before, after) = line.split_once(" -- ")?;
    let words: Vec<_> = after
        .split(" > ")
        .next()?
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'']).to_owned())
        .collect();
    let is_run = before.starts_with("cargo run") && RUN.contains(&&**words.first()?);
    let elsewhere = |word: &String| {
        // AWS's engine is in no program of these tests.
        ["--deployed", "deployed", "--aws"].contains(&word.as_str()) || word.starts_with("git:")
    };
    (is_run && !words.iter().any(elsewhere)).then_some(words)
}

/// The lines of a block for a shell, without remarks; a line that ends in `\` goes on.
fn commands(block: &Block) -> Vec<String> {
    let joined = block.text().replace("\\\n", " ");
    let without_remark = |line: &str| line.split("  #").next().unwrap_or(line).trim().to_owned();
    let lines = joined.lines().map(without_remark);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

/// Every line of the page is among what was said; `..` stands for lines that are left out.
#[track_caller]
fn compare(place: &str, told: &str, block: &Block) {
    let told: Vec<_> = told.lines().map(str::trim).collect();
    for line in block.lines.iter().map(|line| line.trim()) {
        let there = line == ".." || told.contains(&line);
        assert!(
            there,
            "{place}: nothing says\n{line}\nbut\n{}",
            told.join("\n")
        );
    }
}

#[test]
fn every_block_is_of_a_language_that_is_checked() {
    for (page, block) in all_blocks() {
        let place = format!("{page}:{}", block.line);
        let text = block.text();
        match &*block.language {
            "rust" | "rust,items" | MISTAKES | "text" => {}
            // The reference of checks: its blocks are run by the tests that they are from.
            "rs" if page == "reference/checks" => {}
            "json" => {
                let read: Result<serde_json::Value, _> = serde_json::from_str(&text);
                assert!(read.is_ok(), "{place}: {read:?}");
            }
            "toml" => manifest(&place, &text),
            "sh" => {
                let shell = Command::new("bash").args(["-n", "-c", &text]).output();
                let shell = shell.unwrap();
                assert!(shell.status.success(), "{place}: {}", said(&shell));
            }
            other => panic!("{place}: nothing checks a block of `{other}`"),
        }
    }
}

/// A part of a manifest: its features of cloudwright are there.
fn manifest(place: &str, text: &str) {
    let read: toml::Table = toml::from_str(text).unwrap_or_else(|why| panic!("{place}: {why}"));
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../constructs/Cargo.toml");
    let ours: toml::Table = toml::from_str(&fs::read_to_string(ours).unwrap()).unwrap();
    for table in ["dependencies", "dev-dependencies"] {
        let wanted = read
            .get(table)
            .and_then(|table| table.get("cloudwright"))
            .and_then(|package| package.get("features"))
            .and_then(toml::Value::as_array);
        for feature in wanted.into_iter().flatten() {
            let feature = feature.as_str().unwrap();
            assert!(
                ours["features"].get(feature).is_some(),
                "{place}: there is no feature {feature}"
            );
        }
    }
}
