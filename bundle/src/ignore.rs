//! `.gitignore`: what a repository does not hold is no source.
//!
//! The patterns of [gitignore](https://git-scm.com/docs/gitignore#_pattern_format): `*`, `?`,
//! `[a-z]`, `**`, a leading or inner `/`, a trailing `/`, and `!`. A user's global file does not
//! count, since it differs from machine to machine.

/// The rules that hold for a folder, those of outer folders first.
#[derive(Clone, Default)]
pub(crate) struct Rules(Vec<Rule>);

#[derive(Clone)]
struct Rule {
    /// How deep below the repository's root the file stands that has the rule.
    depth: usize,
    segments: Vec<String>,
    folders_only: bool,
    negated: bool,
}

impl Rules {
    /// Adds the rules of a `.gitignore` file, which stands `depth` folders below where paths start.
    pub(crate) fn extend(&mut self, text: &str, depth: usize) {
        self.0
            .extend(text.lines().filter_map(|line| Rule::parse(line, depth)));
    }

    /// Whether a file or folder is left out; the last rule that matches decides.
    pub(crate) fn ignore(&self, path: &[String], is_folder: bool) -> bool {
        let matching = self.0.iter().rev().find(|rule| {
            (is_folder || !rule.folders_only)
                && path.len() > rule.depth
                && matches(&rule.segments, &path[rule.depth..])
        });
        matching.is_some_and(|rule| !rule.negated)
    }
}

impl Rule {
    fn parse(line: &str, depth: usize) -> Option<Self> {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (negated, line) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let line = line.strip_prefix('\\').unwrap_or(line);
        let (folders_only, line) = match line.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let anchored = line.contains('/');
        let mut segments: Vec<_> = line.split('/').map(str::to_owned).collect();
        if segments[0].is_empty() {
            segments.remove(0);
        }
        if !anchored {
            segments.insert(0, "**".to_owned());
        }
        Some(Self {
            depth,
            segments,
            folders_only,
            negated,
        })
    }
}

fn matches(pattern: &[String], path: &[String]) -> bool {
    let Some((first, rest)) = pattern.split_first() else {
        return path.is_empty();
    };
    if first == "**" {
        return (0..=path.len()).any(|skipped| matches(rest, &path[skipped..]));
    }
    path.split_first().is_some_and(|(name, below)| {
        let (first, name): (Vec<_>, Vec<_>) = (first.chars().collect(), name.chars().collect());
        glob(&first, &name) && matches(rest, below)
    })
}

fn glob(pattern: &[char], name: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        ['*', rest @ ..] => (0..=name.len()).any(|taken| glob(rest, &name[taken..])),
        ['[', rest @ ..] => class(rest, name),
        ['?', rest @ ..] => !name.is_empty() && glob(rest, &name[1..]),
        ['\\', c, rest @ ..] | [c, rest @ ..] => name.first() == Some(c) && glob(rest, &name[1..]),
    }
}

/// `[a-z_]` and `[!0-9]`; `pattern` starts behind the bracket.
fn class(pattern: &[char], name: &[char]) -> bool {
    let Some(end) = pattern.iter().skip(1).position(|c| *c == ']') else {
        return false;
    };
    let (class, rest) = (&pattern[..=end], &pattern[end + 2..]);
    let (negated, class) = match class {
        ['!' | '^', class @ ..] => (true, class),
        class => (false, class),
    };
    let Some((c, below)) = name.split_first() else {
        return false;
    };
    let ranges = class
        .windows(3)
        .any(|range| range[1] == '-' && (range[0]..=range[2]).contains(c));
    (ranges || class.contains(c)) != negated && glob(rest, below)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(rules: &str, path: &str) -> bool {
        let mut list = Rules::default();
        list.extend(rules, 0);
        let is_folder = path.ends_with('/');
        let parts = path.trim_end_matches('/').split('/').map(str::to_owned);
        list.ignore(&parts.collect::<Vec<_>>(), is_folder)
    }

    #[test]
    fn patterns_match_as_git_says() {
        for (rules, path, expected) in [
            ("*.log", "a.log", true),
            ("*.log", "deep/down/a.log", true),
            ("*.log", "a.logs", false),
            ("/out", "out", true),
            ("/out", "deep/out", false),
            ("out/", "out", false),
            ("out/", "deep/out/", true),
            ("a/*.txt", "a/x.txt", true),
            ("a/*.txt", "b/a/x.txt", false),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("**/z", "z", true),
            ("*.log\n!keep.log", "keep.log", false),
            ("!keep.log\n*.log", "keep.log", true),
            ("# comment\n\n", "# comment", false),
            ("\\#file", "#file", true),
            ("file[0-9].rs", "file7.rs", true),
            ("file[!0-9].rs", "file7.rs", false),
            ("file[ab].rs", "fileb.rs", true),
            ("fil?.rs", "file.rs", true),
        ] {
            assert_eq!(ignored(rules, path), expected, "{rules:?} {path}");
        }
    }

    #[test]
    fn rules_of_an_inner_folder_start_there() {
        let mut rules = Rules::default();
        rules.extend("/out", 1);
        let path = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        assert!(rules.ignore(&path("inner/out"), false));
        assert!(!rules.ignore(&path("out"), false));
        assert!(!rules.ignore(&path("inner/deep/out"), false));
    }
}
