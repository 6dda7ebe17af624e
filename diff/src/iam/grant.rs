//! A grant, and when one grant covers another.

use crate::model::{PolicyKind, Reason};

/// One action on one resource for one principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Whose policy it is.
    pub(crate) holder: String,
    pub(crate) kind: PolicyKind,
    /// The position of the statement among all of its template: what is told together.
    pub(crate) statement: usize,
    pub(crate) denies: bool,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) principal: String,
    pub(crate) conditions: Vec<String>,
}

impl Grant {
    /// What must be the same for two grants to have anything to do with each other.
    pub(crate) fn place(&self) -> (&str, PolicyKind, bool) {
        (&self.holder, self.kind, self.denies)
    }

    /// Whether whatever `other` grants is granted by this one.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.covers_but(other, Reason::Statement)
    }

    /// As [`Self::covers`], with one part left out of the comparison.
    pub(crate) fn covers_but(&self, other: &Self, part: Reason) -> bool {
        let action = || matches(&self.action.to_lowercase(), &other.action.to_lowercase());
        let principal = || matches_principal(&self.principal, &other.principal);
        // Every condition narrows: a grant with fewer of them reaches further.
        let conditions = || {
            self.conditions
                .iter()
                .all(|own| other.conditions.contains(own))
        };
        (part == Reason::Actions || action())
            && (part == Reason::Resources || matches(&self.resource, &other.resource))
            && (part == Reason::Principals || principal())
            && (part == Reason::Conditions || conditions())
    }
}

/// `*` is everybody, and everybody includes each account, service and role.
fn matches_principal(pattern: &str, text: &str) -> bool {
    pattern == "*" || pattern == "AWS:*" && !text.starts_with("Service:") || pattern == text
}

/// Whether a pattern with `*` and `?` matches a text, which may be a pattern itself. Texts that
/// start with `!` stand for "everything but" and match themselves only.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    if pattern.starts_with('!') || text.starts_with('!') {
        return pattern == text;
    }
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(letter) if *letter == text[t] || (*letter == b'?' && text[t] != b'*') => {
                p += 1;
                t += 1;
            }
            // The last star takes one letter more.
            _ => match star {
                Some((after, taken)) => {
                    p = after;
                    t = taken + 1;
                    star = Some((after, taken + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|letter| *letter == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_cover_texts_and_narrower_patterns() {
        for (pattern, text, expected) in [
            ("*", "s3:GetObject", true),
            ("s3:*", "s3:Get*", true),
            ("s3:Get*", "s3:*", false),
            ("s3:Get*", "s3:GetObject", true),
            ("s3:GetObject", "s3:Get*", false),
            ("a*c", "abbc", true),
            ("a*c*d", "abcbcd", true),
            ("a?c", "abc", true),
            ("a?c", "a*c", false),
            ("!s3:*", "s3:x", false),
            ("!s3:*", "!s3:*", true),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
