//! Every link of every document leads somewhere: to a file of this repository, and to a heading of it where one is
//! named. Links to our own repository on the web are looked up here; others are not followed.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::repository::File;
use super::{Findings, Repository};
use crate::{Outcome, workspace_root};

/// Documents of projects that `cargo cloudwright new` makes, which lead to files of those.
const ELSEWHERE: &str = "deploy/src/new/starters/";

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let manifest = repository.text("Cargo.toml").unwrap_or_default();
    let home = manifest
        .lines()
        .find_map(|line| line.strip_prefix("repository = \"")?.strip_suffix('"'))
        .unwrap_or("https://no.such.place");
    let documents = repository
        .files()
        .filter(|file| file.path.ends_with(".md") && !file.path.starts_with(ELSEWHERE));
    let mut findings = Findings::default();
    for document in documents {
        for (line, link) in links(&document.text) {
            if let Some(why) = broken(repository, document, home, &link) {
                let place = format!("{}:{line}", document.path);
                findings.errors.push(format!("{place}: {link}: {why}"));
            }
        }
    }
    Ok(findings)
}

/// Why a link leads nowhere.
fn broken(repository: &Repository, document: &File, home: &str, link: &str) -> Option<String> {
    let (target, heading) = link.split_once('#').unwrap_or((link, ""));
    let path = match target.strip_prefix(home) {
        Some(rest) => {
            let rest = rest.trim_start_matches("/blob/main/");
            let rest = rest.trim_start_matches("/tree/main/");
            rest.trim_start_matches('/').to_owned()
        }
        None if target.contains(':') => return None,
        None if target.is_empty() => document.path.clone(),
        None => beside(&document.path, target),
    };
    let text = repository.text(&path);
    if text.is_none() && !workspace_root().join(&path).exists() {
        return Some(format!("there is no {path}"));
    }
    let known = heading.is_empty() || !path.ends_with(".md");
    let there = known || headings(text.unwrap_or_default()).contains(&heading.to_owned());
    (!there).then(|| format!("{path} has no such heading"))
}

/// The path of a file that a document names, from the root of the repository.
fn beside(document: &str, target: &str) -> String {
    let folder = Path::new(document).parent().unwrap_or(Path::new(""));
    let mut path = PathBuf::new();
    for part in folder.join(target).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path.to_string_lossy().replace('\\', "/")
}

/// The links of a document with the numbers of their lines, without those in code.
fn links(text: &str) -> Vec<(usize, String)> {
    let prose = outside_blocks(text);
    let found = prose.flat_map(|(number, line)| {
        let plain: String = line.split('`').step_by(2).collect();
        let targets = plain.split("](").skip(1);
        let targets = targets.filter_map(|rest| rest.split([')', ' ']).next());
        let targets: Vec<_> = targets.map(str::to_owned).collect();
        targets.into_iter().map(move |link| (number, link))
    });
    found.collect()
}

/// What the headings of a document are called in links.
fn headings(text: &str) -> Vec<String> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let lines = outside_blocks(text).filter_map(|(_, line)| {
        let title = line.trim_start_matches('#');
        (line.len() > title.len() && title.starts_with(' ')).then(|| slug(title.trim()))
    });
    let numbered = lines.map(|slug| {
        let count = taken.entry(slug.clone()).or_default();
        *count += 1;
        match *count {
            1 => slug,
            more => format!("{slug}-{}", more - 1),
        }
    });
    numbered.collect()
}

fn slug(title: &str) -> String {
    let kept = title
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    let joined = kept.map(|letter| if letter == ' ' { '-' } else { letter });
    joined.collect::<String>().to_lowercase()
}

/// The lines of a document that are in no block of code, with their numbers.
fn outside_blocks(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        (!inside && !fence).then_some((number + 1, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        let other = (
            "docs/src/b.md",
            "# B\n\n## What is, there?\n## Twice\n## Twice\n",
        );
        let manifest = ("Cargo.toml", "repository = \"https://example.org/us\"\n");
        let repository = Repository::of(&[("docs/src/a.md", text), other, manifest]);
        check(&repository).unwrap().errors
    }

    #[test]
    fn what_is_there_may_be_linked() {
        for link in [
            "b.md",
            "../src/b.md#what-is-there",
            "b.md#twice-1",
            "#a",
            "../../README.md",
            "https://example.org/us/blob/main/docs/src/b.md#b",
            "https://example.org/us/tree/main/docs",
            "https://elsewhere.org/nothing",
        ] {
            assert!(errors(&format!("# A\n[x]({link})")).is_empty(), "{link}");
        }
    }

    #[test]
    fn what_is_not_there_is_found_with_its_line() {
        let told =
            errors("# A\n\n[x](c.md) and [y](b.md#nothing)\n`[z](d.md)`\n```\n[z](d.md)\n```");
        let expected = [
            "docs/src/a.md:3: c.md: there is no docs/src/c.md",
            "docs/src/a.md:3: b.md#nothing: docs/src/b.md has no such heading",
        ];
        assert_eq!(told, expected);
        assert_eq!(
            errors("[x](https://example.org/us/blob/main/nothing.md)").len(),
            1
        );
    }
}
