//! What is said of a name that nobody knows.

use cloudwright_spec::nearest;

/// `did you mean X?`, or another sentence where nothing is near.
pub(crate) fn hint<'a>(
    name: &str,
    candidates: impl Iterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match nearest(name, candidates) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => otherwise.to_owned(),
    }
}
