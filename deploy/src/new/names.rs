//! Names of projects: what cargo takes for a package, and what its program can be called.

use crate::told::Stop;

/// Words that cargo or Rust has other uses for, and our own crate, which cannot need itself.
const TAKEN: [&str; 47] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "cloudwright",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "match",
    "mod",
    "move",
    "mut",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "type",
    "use",
];

/// Refuses what is no name of a package.
pub(super) fn check(name: &str) -> Result<(), Stop> {
    let refused = |why: &str| {
        let message = format!(
            "\"{name}\" is no name for a crate: {why}\n   = help: use letters, digits, `-` and `_`, and begin with a letter: `my-uploads`"
        );
        Err((2, message))
    };
    let is_fit = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    match name.chars().next() {
        None => refused("it is empty"),
        Some(first) if !first.is_ascii_alphabetic() => refused("it does not begin with a letter"),
        _ if !name.chars().all(is_fit) => {
            refused("it has other letters than a-z, digits, `-` and `_`")
        }
        _ if name.len() > 64 => refused("it has more than 64 letters"),
        _ if TAKEN.contains(&&*name.to_lowercase()) => {
            refused("cargo or Rust uses it for something else")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_packages_are_taken_and_others_refused_with_the_reason() {
        for good in ["uploads", "my-uploads", "Uploads_2"] {
            assert_eq!(check(good), Ok(()));
        }
        for (bad, why) in [
            ("", "it is empty"),
            ("2x", "begin with a letter"),
            ("-x", "begin with a letter"),
            ("a b", "other letters"),
            ("../x", "begin with a letter"),
            ("a/b", "other letters"),
            ("größe", "other letters"),
            ("Test", "something else"),
        ] {
            let (code, message) = check(bad).unwrap_err();
            assert!(code == 2 && message.contains(why), "{bad}: {message}");
        }
        assert!(check(&"a".repeat(65)).is_err());
    }
}
