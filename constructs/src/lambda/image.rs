//! Container images as a function's code.

use cloudwright_synth::{Json, Scope};

use crate::rules;

/// What stands between account and region in the address of a repository.
const MARK: &str = ".dkr.ecr.";

/// Reports the address of an image that Lambda could not take: it has to be in a private repository
/// of the function's region.
pub(super) fn check(scope: &Scope, address: &Json) {
    let Some(text) = address.as_text() else {
        return;
    };
    let help = "Dockerfiles are not built here: push the image to a repository of that region, \
                `123456789012.dkr.ecr.eu-central-1.amazonaws.com/resize:1`";
    let Some(region) = region(text) else {
        let message = format!("an image comes from a private repository of ECR, got \"{text}\"");
        scope.error(&rules::BAD_CODE, message, help);
        return;
    };
    let environment = scope.environment();
    if let Some(expected) = environment.region_name().filter(|name| *name != region) {
        let message = format!("the image \"{text}\" is in {region}, and the stack in {expected}");
        scope.error(&rules::BAD_CODE, message, help);
    }
}

/// `eu-central-1` in `123456789012.dkr.ecr.eu-central-1.amazonaws.com/resize:1`.
fn region(address: &str) -> Option<&str> {
    let (host, image) = address.split_once('/')?;
    let (account, rest) = host.split_once(MARK)?;
    let (region, domain) = rest.split_once('.')?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let is_known = is_account && domain.starts_with("amazonaws.com") && !image.is_empty();
    is_known.then_some(region)
}

#[cfg(test)]
mod tests {
    use super::region;

    #[test]
    fn the_region_of_an_image_is_in_its_address() {
        for (address, expected) in [
            (
                "123456789012.dkr.ecr.eu-central-1.amazonaws.com/a/b:1",
                Some("eu-central-1"),
            ),
            (
                "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/a@sha256:00",
                Some("cn-north-1"),
            ),
            ("public.ecr.aws/lambda/provided:al2023", None),
            ("123456789012.dkr.ecr.eu-central-1.amazonaws.com", None),
            ("1234.dkr.ecr.eu-central-1.amazonaws.com/a", None),
            ("resize:1", None),
        ] {
            assert_eq!(region(address), expected, "{address}");
        }
    }
}
