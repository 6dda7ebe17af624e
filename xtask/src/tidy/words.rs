//! Words that mark unfinished work, debugging or one person's machine, in one list.
//!
//! They are written in two halves here, so that this list is not its own first finding.

use super::{Findings, Repository};
use crate::Outcome;

/// Words that no text of ours may hold, and why.
const ANYWHERE: &[(&str, &str)] = &[
    (concat!("todo", "!"), "finish it, or leave it out"),
    (concat!("unimplemented", "!"), "finish it, or leave it out"),
    (concat!("dbg", "!"), "remove it"),
    (concat!("FIX", "ME"), "fix it, or open an issue"),
    (concat!("XX", "X"), "fix it, or open an issue"),
    (concat!("TO", "DO"), "finish it, or open an issue"),
    (concat!("/ho", "me/"), "no path of one machine"),
    (concat!("/ro", "ot/"), "no path of one machine"),
    (concat!("/Us", "ers/"), "no path of one machine"),
    (
        concat!("/tm", "p/"),
        "a temporary folder is asked from the system",
    ),
];

/// Words that code of the libraries may not hold: what they print goes to a writer they are given.
const IN_LIBRARIES: &[(&str, &str)] = &[
    (concat!("print", "ln!"), "write to the writer you are given"),
    (concat!("print", "!("), "write to the writer you are given"),
];

/// Texts that are not ours to word: the facts of AWS, licences, locks.
const FACTS: &[&str] = &[
    "constructs/cfn/spec/",
    "LICENSE",
    "Cargo.lock",
    "xtask/pins/",
];

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let mut findings = Findings::default();
    for file in repository.files().filter(|file| !begins(&file.path, FACTS)) {
        let library = file.is_library();
        for (number, line) in file.text.lines().enumerate() {
            let in_code = library && !line.trim_start().starts_with("//");
            let more = if in_code { IN_LIBRARIES } else { &[] };
            for (word, advice) in ANYWHERE
                .iter()
                .chain(more)
                .filter(|(word, _)| holds(line, word))
            {
                let place = format!("{}:{}", file.path, number + 1);
                findings.errors.push(format!("{place}: `{word}`: {advice}"));
            }
        }
    }
    Ok(findings)
}

fn begins(path: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| path.starts_with(prefix))
}

/// Whether the line holds the word on its own, not as the end or the beginning of a longer one.
fn holds(line: &str, word: &str) -> bool {
    let continues = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let open_ended = word.ends_with(|c: char| !c.is_alphanumeric());
        !continues(before) && (open_ended || !continues(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(path: &str, text: &str) -> usize {
        check(&Repository::of(&[(path, text)]))
            .unwrap()
            .errors
            .len()
    }

    #[test]
    fn unfinished_work_is_found_as_a_whole_word() {
        assert_eq!(
            errors("synth/src/app.rs", concat!("let x = to", "do!();")),
            1
        );
        assert_eq!(errors("README.md", concat!("TO", "DO: more")), 1);
        assert_eq!(
            errors("README.md", concat!("MASTO", "DON, arn:aws:iam::XX", "XX")),
            0
        );
    }

    #[test]
    fn printing_is_for_programs_and_examples() {
        let printing = concat!("    print", "ln!(\"hello\");");
        assert_eq!(errors("synth/src/app.rs", printing), 1);
        assert_eq!(errors("xtask/src/main.rs", printing), 0);
        assert_eq!(errors("synth/src/app.rs", &format!("/// {printing}")), 0);
    }
}
