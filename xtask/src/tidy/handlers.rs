//! The hash of the bundled handlers' source that is checked in is that of the source.

use super::{Findings, Repository};
use crate::Outcome;
use crate::handlers::{FILE, computed, written};

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let text = repository.text(FILE).unwrap_or_default();
    Ok(judge(written(text)?, &computed()?))
}

fn judge(written: &str, computed: &str) -> Findings {
    let mut findings = Findings::default();
    if written != computed {
        let error = format!("{FILE}: the handlers changed: run `cargo xtask handlers`");
        findings.errors.push(error);
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn another_hash_is_an_error() {
        assert_eq!(judge("ab", "cd").errors.len(), 1);
        assert!(judge("ab", "ab").errors.is_empty());
    }
}
