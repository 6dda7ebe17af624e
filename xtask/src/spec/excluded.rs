//! The types that are listed by cfn-lint and left out on purpose, each with its reason.

/// Type name (or prefix ending in `*`) and why it is left out.
pub(crate) const EXCLUDED: &[(&str, &str)] = &[
    (
        "AMZN::*",
        "internal namespace of Amazon, listed by accident",
    ),
    (
        "Alexa::ASK::Skill",
        "third-party namespace, needs a store credential in the template",
    ),
    (
        "AWS::GammaDilithium::*",
        "internal test service, has no documentation",
    ),
    ("AWS::CDK::Metadata", "usage telemetry of another toolkit"),
];

/// Returns why a type is left out, if it is.
pub(crate) fn reason(type_name: &str) -> Option<&'static str> {
    let covers = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => type_name.starts_with(prefix),
        None => type_name == pattern,
    };
    EXCLUDED
        .iter()
        .find(|(pattern, _)| covers(pattern))
        .map(|(_, reason)| *reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_listed_types_are_left_out() {
        assert!(reason("AMZN::SDC::Deployment").is_some());
        assert!(reason("AWS::GammaDilithium::JobDefinition").is_some());
        assert!(reason("AWS::S3::Bucket").is_none());
        assert!(reason("AWS::CDK::MetadataOther").is_none());
    }
}
