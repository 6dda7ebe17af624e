//! What patterns become, and which stay.

use super::*;

fn rewritten(regex: &'static str) -> String {
    let mut facets = Facets {
        pattern: Some(Pattern::Regex(regex)),
        ..Facets::default()
    };
    rewrite(&mut facets);
    facets.to_string().trim_start().to_owned()
}

#[test]
fn a_class_with_a_count_becomes_class_and_length() {
    assert_eq!(
        rewritten("^[a-zA-Z0-9_-]{1,64}$"),
        "1..64 chars [\\-0-9A-Z_a-z]*"
    );
    assert_eq!(
        rewritten(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"),
        r"chars [\pL\pN\pZ+\--/:=@_]*"
    );
    assert_eq!(rewritten("^[0-9]{12}$"), "12..12 chars [0-9]*");
}

#[test]
fn what_says_nothing_goes_away() {
    assert_eq!(rewritten(r"^[\s\S]*$"), "");
    assert_eq!(rewritten(r"[\s\S]{3,}"), "3..");
    assert_eq!(rewritten(".*"), "");
    assert_eq!(rewritten("[a-z]*"), "");
}

#[test]
fn a_search_is_free_at_both_ends() {
    assert_eq!(rewritten(r"\S"), r"chars [^]*[\S][^]*");
    assert_eq!(rewritten("^arn:"), "chars arn:[^]*");
    assert_eq!(rewritten("^a|b$"), "chars a[^]*|[^]*b");
}

#[test]
fn groups_that_are_not_needed_go_away() {
    assert_eq!(rewritten("^(?:a|b)*$"), "chars [ab]*");
    assert_eq!(rewritten("^([a-z]+)*$"), "chars [a-z]*");
    assert_eq!(rewritten("^((a)(b|cd))$"), "chars a(b|cd)");
    assert_eq!(rewritten("^(-*[a-z])*$"), "chars (-*[a-z])*");
}

#[test]
fn looking_ahead_is_kept() {
    assert_eq!(rewritten("^(?!aws:)[a-z]+$"), "chars (!aws:)[a-z]+");
    assert_eq!(rewritten(r"^(?!\s*$).+"), r"chars (![\s]*$).+[^]*");
}

#[test]
fn what_the_language_lacks_stays() {
    for regex in [r"^a(?<!b)$", r"\bx", "^a++$", "^[[:alpha:]]$", r"^(a)\1$"] {
        assert_eq!(rewritten(regex), format!("/{regex}"));
    }
}

#[test]
fn the_case_flag_is_resolved() {
    assert_eq!(rewritten("(?i)^ab[x-z]$"), "chars [Aa][Bb][X-Zx-z]");
    assert_eq!(rewritten("^(?s)a.$"), "chars a[^]");
}
