//! What has to be near what: AWS connects some resources within a region or an account only.

use cloudwright_synth::Scope;

use crate::rules;

/// Reports two constructs in different regions, when both regions are known.
#[track_caller]
pub(crate) fn same_region(scope: &Scope, other: &Scope, what: &str) {
    let (here, there) = (scope.environment(), other.environment());
    check(
        scope,
        other,
        what,
        "region",
        [here.region_name(), there.region_name()],
    );
}

/// Reports two constructs in different regions or accounts, as far as both are known.
#[track_caller]
pub(crate) fn same_environment(scope: &Scope, other: &Scope, what: &str) {
    let (here, there) = (scope.environment(), other.environment());
    check(
        scope,
        other,
        what,
        "account",
        [here.account_id(), there.account_id()],
    );
    same_region(scope, other, what);
}

#[track_caller]
fn check(scope: &Scope, other: &Scope, what: &str, unit: &str, places: [Option<&str>; 2]) {
    let [Some(here), Some(there)] = places else {
        return;
    };
    if here != there {
        let message = format!(
            "{what} are in one {unit}: expected {here}, got \"{}\" in {there}",
            other.path()
        );
        let help = format!("add one of the two to a stack in the {unit} of the other");
        scope.error(&rules::TOO_FAR, message, help);
    }
}
