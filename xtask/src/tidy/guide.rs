//! The pages of the guide that are made of code are what would be written.

use super::{Findings, Repository};
use crate::Outcome;
use crate::guide::{CONFIGURATION, configuration};

pub(super) fn check(repository: &Repository) -> Outcome<Findings> {
    let mut findings = Findings::default();
    if repository.text(CONFIGURATION) != Some(&configuration()?) {
        let error =
            format!("{CONFIGURATION}: is not what would be written: run `cargo xtask guide`");
        findings.errors.push(error);
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_missing_or_old_is_found() {
        let of = |text: &str| check(&Repository::of(&[(CONFIGURATION, text)])).unwrap();
        assert_eq!(of("# Old").errors.len(), 1);
        assert_eq!(check(&Repository::of(&[])).unwrap().errors.len(), 1);
        assert!(of(&configuration().unwrap()).errors.is_empty());
    }
}
