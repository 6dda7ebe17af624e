//! The naming rules: from CloudFormation's names to Rust's.

use super::keyword;
use super::words;

/// A type: `SSEAlgorithm` becomes `SseAlgorithm`, `DBInstance` becomes `DbInstance`.
pub fn type_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for word in words::split(name) {
        push_capitalised(&mut out, word);
    }
    match out.as_bytes().first() {
        Some(first) if first.is_ascii_digit() => format!("V{out}"),
        _ => out,
    }
}

/// A setter, attribute or module: `OAuth2GrantType` becomes `oauth2_grant_type`.
pub fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    for word in words::split(name) {
        if !out.is_empty() {
            out.push('_');
        }
        out.extend(word.chars().map(|char| char.to_ascii_lowercase()));
    }
    if out.starts_with(|first: char| first.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out
}

/// A setter that stays clear of keywords and of the methods that every builder has.
pub fn setter(name: &str) -> String {
    apart_from(&["new", "raw", "set", "into_json"], name)
}

/// An attribute method that stays clear of keywords and of the methods that every handle has.
pub fn attribute(name: &str) -> String {
    const HANDLE: &[&str] = &[
        "arn",
        "clone",
        "condition",
        "creation_policy",
        "depends_on",
        "from",
        "handle",
        "into",
        "metadata",
        "override_logical_id",
        "raw",
        "reference",
        "removal_policy",
        "remove_property",
        "update_policy",
    ];
    apart_from(HANDLE, name)
}

fn apart_from(taken: &[&str], name: &str) -> String {
    let snake = snake(name);
    if taken.contains(&snake.as_str()) {
        return format!("{snake}_");
    }
    keyword::identifier(snake)
}

/// The module of a service: its namespace in lower case.
pub fn service_module(service: &str) -> String {
    service.to_ascii_lowercase()
}

/// The module with the nested types of a resource type.
pub fn resource_module(resource: &str) -> String {
    keyword::identifier(snake(resource))
}

/// `AWS::S3::Bucket` as service and resource.
pub fn parts(type_name: &str) -> Option<(&str, &str)> {
    let (_, rest) = type_name.split_once("::")?;
    rest.split_once("::")
}

/// Appends a word with a capital first letter and the rest in lower case; a digit after a digit
/// needs something in between to stay apart.
pub fn push_capitalised(out: &mut String, word: &str) {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    if digit(out.as_bytes().last()) && digit(word.as_bytes().first()) {
        out.push('_');
    }
    let mut chars = word.chars();
    out.extend(chars.next().map(|first| first.to_ascii_uppercase()));
    out.extend(chars.map(|char| char.to_ascii_lowercase()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_words_with_one_capital() {
        assert_eq!(type_name("SSEAlgorithm"), "SseAlgorithm");
        assert_eq!(type_name("DBInstance"), "DbInstance");
        assert_eq!(type_name("VPCEndpoint"), "VpcEndpoint");
        assert_eq!(type_name("S3_Origin"), "S3Origin");
    }

    #[test]
    fn setters_are_snake_case() {
        assert_eq!(setter("DelaySeconds"), "delay_seconds");
        assert_eq!(setter("OAuth2GrantType"), "oauth2_grant_type");
        assert_eq!(setter("MemoryGiBPerVCpu"), "memory_gib_per_vcpu");
        assert_eq!(setter("SizeInMBs"), "size_in_mbs");
        assert_eq!(setter("DynamoDBv2"), "dynamodbv2");
        assert_eq!(setter("RStudioConnectUrl"), "rstudio_connect_url");
        assert_eq!(setter("Ipv6CIDRs"), "ipv6_cidrs");
        assert_eq!(setter("XAxis"), "x_axis");
    }

    #[test]
    fn setters_avoid_keywords_and_builder_methods() {
        assert_eq!(setter("Type"), "r#type");
        assert_eq!(setter("Self"), "self_");
        assert_eq!(setter("New"), "new_");
        assert_eq!(setter("Raw"), "raw_");
        assert_eq!(attribute("Metadata"), "metadata_");
    }

    #[test]
    fn modules_are_the_namespace() {
        assert_eq!(
            service_module("ApplicationAutoScaling"),
            "applicationautoscaling"
        );
        assert_eq!(resource_module("VPCEndpoint"), "vpc_endpoint");
        assert_eq!(parts("AWS::S3::Bucket"), Some(("S3", "Bucket")));
        assert_eq!(parts("Bucket"), None);
    }
}
