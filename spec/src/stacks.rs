//! Which stacks a command line means: one rule for every verb, whichever crate it is in.
//!
//! A stack is called by its path in the construct tree, by its name in CloudFormation or by its id in the
//! assembly. In a pattern `*` stands for any letters, none and slashes included. Who names a stack, names
//! those nested in it.
//!
//! ```
//! use cloudwright_spec::stacks::{Stack, chosen};
//!
//! let stacks = ["Dev/Mail", "Prod/Mail"].map(Stack::of_path);
//! assert_eq!(chosen(&stacks, &["Prod/*"]), Ok(vec![false, true]));
//! let problem = chosen(&stacks, &["Prod/Mial"]).unwrap_err();
//! assert_eq!(problem.message, "no stack matches \"Prod/Mial\"; did you mean \"Prod/Mail\"?");
//! ```

use crate::nearest;

/// What is said where an app has no stack at all.
pub const ADD_A_STACK: &str = "add a stack: `app.stack(\"Name\", Environment::new(..))`";

/// How many stacks a message lists.
const LISTED: usize = 12;

/// What a stack is called by.
#[derive(Clone, Copy, Debug)]
pub struct Stack<'a> {
    /// Its path in the construct tree.
    pub path: &'a str,
    /// Its name in CloudFormation.
    pub name: &'a str,
    /// Its id in the assembly.
    pub id: &'a str,
    /// Whether it is nested in the stack above it in the tree.
    pub is_nested: bool,
}

/// A pattern that no stack fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoStack {
    /// Which pattern, and what it was likely to say.
    pub message: String,
    /// Which stacks there are.
    pub help: String,
}

impl<'a> Stack<'a> {
    /// A stack that is called by its path alone.
    #[must_use]
    pub const fn of_path(path: &'a str) -> Self {
        Self {
            path,
            name: path,
            id: path,
            is_nested: false,
        }
    }

    fn is_called(&self, pattern: &str) -> bool {
        [self.path, self.name, self.id]
            .iter()
            .any(|text| fits(pattern, text))
    }

    fn is_within(&self, around: &Stack<'_>) -> bool {
        let rest = self.path.strip_prefix(around.path);
        rest.is_some_and(|rest| rest.is_empty() || (self.is_nested && rest.starts_with('/')))
    }
}

/// For each stack whether a pattern names it; all stacks if there are no patterns.
///
/// # Errors
/// The first pattern that names none.
pub fn chosen(stacks: &[Stack<'_>], patterns: &[impl AsRef<str>]) -> Result<Vec<bool>, NoStack> {
    let mut chosen = vec![patterns.is_empty(); stacks.len()];
    for pattern in patterns {
        let pattern = pattern.as_ref();
        let named: Vec<&Stack<'_>> = (stacks.iter())
            .filter(|stack| stack.is_called(pattern))
            .collect();
        if named.is_empty() {
            return Err(no_stack(pattern, stacks));
        }
        for (stack, chosen) in stacks.iter().zip(&mut chosen) {
            *chosen |= named.iter().any(|around| stack.is_within(around));
        }
    }
    Ok(chosen)
}

/// Whether a pattern fits the whole text.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(start) else {
        return false;
    };
    let Some((middle, end)) = rest.rsplit_once('*') else {
        return text.ends_with(rest);
    };
    // The first place for each part is as good as any later one.
    for part in middle.split('*') {
        let Some(at) = text.find(part) else {
            return false;
        };
        text = &text[at + part.len()..];
    }
    text.ends_with(end)
}

fn no_stack(pattern: &str, stacks: &[Stack<'_>]) -> NoStack {
    let meant = meant(pattern, stacks);
    let meant = meant.map_or_else(String::new, |meant| format!("; did you mean \"{meant}\"?"));
    let paths: Vec<&str> = stacks.iter().map(|stack| stack.path).collect();
    let help = match paths.len().checked_sub(LISTED) {
        _ if paths.is_empty() => ADD_A_STACK.to_owned(),
        None | Some(0) => format!("the stacks are {}", paths.join(", ")),
        Some(more) => format!(
            "the stacks are {} and {more} more; `ls` lists all",
            paths[..LISTED].join(", ")
        ),
    };
    NoStack {
        message: format!("no stack matches \"{pattern}\"{meant}"),
        help,
    }
}

/// What a pattern without a stack was most likely to say: a stage, or a stack spelt right.
fn meant(pattern: &str, stacks: &[Stack<'_>]) -> Option<String> {
    let stage = format!("{}/", pattern.trim_end_matches('/'));
    if stacks.iter().any(|stack| stack.path.starts_with(&stage)) {
        return Some(stage + "*");
    }
    let names = stacks.iter().flat_map(|stack| [stack.path, stack.name]);
    nearest(pattern, names).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_letters() {
        for (pattern, text, expected) in [
            ("*", "Prod/Mail", true),
            ("**", "Prod/Mail", true),
            ("Prod*", "Prod/Mail", true),
            ("Prod/Mail*", "Prod/Mail", true),
            ("Prod*Mail", "Prod/Eu/Mail", true),
            ("P*d/*l", "Prod/Mail", true),
            ("*ai*", "Prod/Mail", true),
            ("*Mail", "Prod/Mails", false),
            ("Mail", "Prod/Mail", false),
            ("prod/*", "Prod/Mail", false),
            ("Prod/Mail/*", "Prod/Mail", false),
            ("", "Prod/Mail", false),
            ("é*e", "écrire", true),
            ("é*e", "é", false),
            ("*é*", "déjà", true),
            ("a*ba*a", "aba", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_stack_is_named_by_each_of_its_names_with_those_nested_in_it() {
        let stack = |path, name, is_nested| Stack {
            path,
            name,
            id: "id",
            is_nested,
        };
        let stacks = [
            stack("Prod/Mail", "Prod-Mail", false),
            stack("Prod/Mail/Part", "Prod-Mail-Part", true),
            stack("Prod/Mailbox", "Prod-Mailbox", false),
        ];
        for name in ["Prod/Mail", "Prod-Mail"] {
            assert_eq!(chosen(&stacks, &[name]), Ok(vec![true, true, false]));
        }
        assert_eq!(chosen(&stacks, &["*Part"]), Ok(vec![false, true, false]));
        assert_eq!(chosen(&stacks, &["id"]), Ok(vec![true; 3]));
        assert_eq!(chosen(&stacks, &[""; 0]), Ok(vec![true; 3]));
    }

    #[test]
    fn what_fits_nothing_is_told_with_what_there_is() {
        let text = |pattern: &str, stacks: &[Stack<'_>]| {
            let problem = chosen(stacks, &[pattern]).unwrap_err();
            format!("{}\n{}", problem.message, problem.help)
        };
        let few = ["Prod/Mail", "Prod/Net"].map(Stack::of_path);
        let known = "the stacks are Prod/Mail, Prod/Net";
        for (pattern, meant) in [
            ("Prod", "; did you mean \"Prod/*\"?"),
            ("Prod/Mial", "; did you mean \"Prod/Mail\"?"),
            ("Zebra", ""),
        ] {
            let message = format!("no stack matches \"{pattern}\"{meant}");
            assert_eq!(text(pattern, &few), format!("{message}\n{known}"));
        }
        let names: Vec<_> = (1..=15)
            .map(|number| format!("Tenant{number:02}"))
            .collect();
        let many: Vec<_> = names.iter().map(|name| Stack::of_path(name)).collect();
        assert!(text("Acme", &many).ends_with(", Tenant12 and 3 more; `ls` lists all"));
        assert_eq!(text("Acme", &[]).lines().last(), Some(ADD_A_STACK));
    }
}
