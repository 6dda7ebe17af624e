//! Parameters: their types, and defaults that break the parameter's own constraints.

use crate::check::parts::{Part, Place};
use crate::check::pattern::Pattern;
use crate::check::report::Report;
use crate::hint::hint;
use crate::json::Json;
use crate::rules;

/// The types that name something of AWS, each of which can stand in `List<..>` too.
const AWS_TYPES: [&str; 10] = [
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::VPC::Id",
    "AWS::EC2::Volume::Id",
    "AWS::Route53::HostedZone::Id",
];
/// The other types.
const PLAIN_TYPES: [&str; 5] = [
    "String",
    "Number",
    "List<Number>",
    "CommaDelimitedList",
    "AWS::SSM::Parameter::Name",
];

/// Reports parameters that no deployment could satisfy.
pub(crate) fn check(report: &mut Report<'_>, parts: &[Part<'_>]) {
    for part in parts.iter().filter(|part| part.place == Place::Parameter) {
        let kind = part
            .json
            .get("Type")
            .and_then(Json::as_text)
            .unwrap_or_default();
        if !is_known(kind) {
            let message = format!("there is no parameter type {kind:?}");
            let known = PLAIN_TYPES.into_iter().chain(AWS_TYPES);
            let help = hint(kind, known, "see the types that CloudFormation supplies");
            report.error(part.node, &rules::BAD_PARAMETER, message, help);
        }
        for problem in contradictions(part.json)
            .into_iter()
            .chain(default_problems(part.json, kind))
        {
            let message = format!("parameter {}: {problem}", part.id);
            report.error(
                part.node,
                &rules::BAD_PARAMETER,
                message,
                "change the constraint or the value",
            );
        }
    }
}

fn is_known(kind: &str) -> bool {
    if let Some(stored) = kind.strip_prefix("AWS::SSM::Parameter::Value<") {
        return stored.strip_suffix('>').is_some_and(is_stored_type);
    }
    PLAIN_TYPES.contains(&kind) || is_aws_type(kind)
}

fn is_aws_type(kind: &str) -> bool {
    let item = kind
        .strip_prefix("List<")
        .and_then(|item| item.strip_suffix('>'));
    AWS_TYPES.contains(&item.unwrap_or(kind))
}

fn is_stored_type(kind: &str) -> bool {
    ["String", "List<String>", "CommaDelimitedList"].contains(&kind) || is_aws_type(kind)
}

/// Constraints that nothing can satisfy.
fn contradictions(parameter: &Json) -> Vec<String> {
    let mut found = Vec::new();
    for (least, most) in [("MinLength", "MaxLength"), ("MinValue", "MaxValue")] {
        if let (Some(low), Some(high)) = (number(parameter, least), number(parameter, most))
            && low > high
        {
            found.push(format!("{least} {low} is greater than {most} {high}"));
        }
    }
    let allowed = parameter.get("AllowedValues").and_then(Json::as_list);
    if allowed.is_some_and(<[Json]>::is_empty) {
        found.push("AllowedValues allows nothing".to_owned());
    }
    found
}

fn default_problems(parameter: &Json, kind: &str) -> Vec<String> {
    let Some(default) = parameter.get("Default") else {
        return Vec::new();
    };
    let Some(text) = scalar(default) else {
        return vec![
            "a default is a literal without functions, and no item of a list holds a comma"
                .to_owned(),
        ];
    };
    // The default of a stored parameter is its name, and the constraints are about its value.
    if kind.starts_with("AWS::SSM::Parameter::Value<") {
        return Vec::new();
    }
    let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
    let items: Vec<&str> = if is_list {
        text.split(',').map(str::trim).collect()
    } else {
        vec![&text]
    };
    let items = items.into_iter();
    items
        .filter_map(|item| broken_constraint(parameter, kind, item))
        .collect()
}

/// The first constraint that a value breaks.
fn broken_constraint(parameter: &Json, kind: &str, value: &str) -> Option<String> {
    if let Some(allowed) = parameter.get("AllowedValues").and_then(Json::as_list) {
        let allowed: Vec<String> = allowed.iter().filter_map(scalar).collect();
        if !allowed.iter().any(|allowed| allowed == value) {
            return Some(format!(
                "the default has to be one of {}, got \"{value}\"",
                allowed.join(", ")
            ));
        }
    }
    if kind == "Number" || kind == "List<Number>" {
        return out_of_range(parameter, value);
    }
    let length = value.chars().count() as f64;
    let least = number(parameter, "MinLength").unwrap_or(0.0);
    let most = number(parameter, "MaxLength").unwrap_or(f64::INFINITY);
    if !(least..=most).contains(&length) {
        return Some(format!(
            "the default needs {least} to {most} characters, got {length}"
        ));
    }
    let pattern = parameter.get("AllowedPattern").and_then(Json::as_text)?;
    let broken = !Pattern::parse(pattern)?.matches(value);
    broken.then(|| format!("the default has to match {pattern}, got \"{value}\""))
}

fn out_of_range(parameter: &Json, value: &str) -> Option<String> {
    let Ok(given) = value.parse::<f64>() else {
        return Some(format!("the default has to be a number, got \"{value}\""));
    };
    let least = number(parameter, "MinValue").unwrap_or(f64::NEG_INFINITY);
    let most = number(parameter, "MaxValue").unwrap_or(f64::INFINITY);
    let outside = !(least..=most).contains(&given);
    outside.then(|| format!("the default has to be from {least} to {most}, got {given}"))
}

fn scalar(json: &Json) -> Option<String> {
    match json {
        Json::Text(text) => Some(text.to_string()),
        Json::Int(number) => Some(number.to_string()),
        Json::Float(number) => Some(number.to_string()),
        Json::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn number(parameter: &Json, name: &str) -> Option<f64> {
    scalar(parameter.get(name)?)?.parse().ok()
}
