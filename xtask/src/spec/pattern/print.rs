//! Writes the small language.

use std::fmt::Write as _;

use super::set::Set;
use super::{Alternatives, Item, What};

/// Writes alternatives.
pub(super) fn alternatives(alternatives: &Alternatives) -> String {
    let sequences: Vec<String> = alternatives
        .iter()
        .map(|items| items.iter().map(item).collect())
        .collect();
    sequences.join("|")
}

fn item(item: &Item) -> String {
    let mut out = match &item.what {
        What::Set(set) => print_set(set),
        What::Group(inner) => format!("({})", alternatives(inner)),
        What::Ahead {
            negative: true,
            inner,
        } => format!("(!{})", alternatives(inner)),
        What::Ahead {
            negative: false,
            inner,
        } => format!("(={})", alternatives(inner)),
        What::Start => "^".into(),
        What::End => "$".into(),
    };
    match (item.min, item.max) {
        (1, Some(1)) => {}
        (0, None) => out.push('*'),
        (1, None) => out.push('+'),
        (0, Some(1)) => out.push('?'),
        (min, Some(max)) if min == max => out.push_str(&format!("{{{min}}}")),
        (min, None) => out.push_str(&format!("{{{min},}}")),
        (min, Some(max)) => out.push_str(&format!("{{{min},{max}}}")),
    }
    out
}

fn print_set(set: &Set) -> String {
    if let Some(char) = set.single() {
        let mut out = String::new();
        push_char(&mut out, char, "\\[](){}|*+?.^$!=");
        return out;
    }
    if *set == Set::any_but_newline() {
        return ".".into();
    }
    let mut out = String::from(if set.negated { "[^" } else { "[" });
    for name in &set.named {
        let _ = write!(out, "\\{name}");
    }
    for (low, high) in &set.ranges {
        push_char(&mut out, *low, "\\]^-[");
        if high > low {
            if u32::from(*high) > u32::from(*low) + 1 {
                out.push('-');
            }
            push_char(&mut out, *high, "\\]^-[");
        }
    }
    out.push(']');
    out
}

/// What is special, invisible or not ASCII is escaped.
fn push_char(out: &mut String, char: char, special: &str) {
    match char {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ if special.contains(char) => out.extend(['\\', char]),
        ' '..='~' => out.push(char),
        _ => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(char));
        }
    }
}
