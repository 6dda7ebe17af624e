//! Intrinsic functions: the number of their arguments, and where each is allowed.

use crate::check::parts::{Part, Place};
use crate::check::report::Report;
use crate::check::walk::Trail;
use crate::hint::hint;
use crate::json::Json;
use crate::rules;

/// The arguments that a function takes.
#[derive(Clone, Copy)]
enum Arguments {
    /// A list of that many.
    Between(usize, usize),
    /// A list of that many, or one text in short.
    TextOr(usize),
    /// One text.
    Text,
    /// One value of any kind.
    Any,
}

use Arguments::{Any, Between, Text, TextOr};

/// Every function, from the
/// [reference](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html).
const FUNCTIONS: [(&str, Arguments); 28] = [
    ("Condition", Text),
    ("Fn::And", Between(2, 10)),
    ("Fn::Base64", Any),
    ("Fn::Cidr", Between(2, 3)),
    ("Fn::Contains", Between(2, 2)),
    ("Fn::EachMemberEquals", Between(2, 2)),
    ("Fn::EachMemberIn", Between(2, 2)),
    ("Fn::Equals", Between(2, 2)),
    ("Fn::FindInMap", Between(3, 4)),
    ("Fn::ForEach", Between(3, 3)),
    ("Fn::GetAZs", Any),
    ("Fn::GetAtt", TextOr(2)),
    ("Fn::GetStackOutput", Any),
    ("Fn::If", Between(3, 3)),
    ("Fn::ImportValue", Any),
    ("Fn::Join", Between(2, 2)),
    ("Fn::Length", Any),
    ("Fn::Not", Between(1, 1)),
    ("Fn::Or", Between(2, 10)),
    ("Fn::RefAll", Text),
    ("Fn::Select", Between(2, 2)),
    ("Fn::Split", Between(2, 2)),
    ("Fn::Sub", TextOr(2)),
    ("Fn::ToJsonString", Any),
    ("Fn::Transform", Any),
    ("Fn::ValueOf", Between(2, 2)),
    ("Fn::ValueOfAll", Between(2, 2)),
    ("Ref", Text),
];

/// Functions that yield true or false, for conditions and rules only.
const TESTS: [&str; 5] = ["Condition", "Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or"];
/// Functions about parameters, for rules only.
const RULE_FUNCTIONS: [&str; 6] = [
    "Fn::Contains",
    "Fn::EachMemberEquals",
    "Fn::EachMemberIn",
    "Fn::RefAll",
    "Fn::ValueOf",
    "Fn::ValueOfAll",
];
/// Functions that need resources or other stacks, which conditions cannot wait for.
const NOT_BEFORE_RESOURCES: [&str; 4] = [
    "Fn::GetAtt",
    "Fn::GetStackOutput",
    "Fn::If",
    "Fn::ImportValue",
];

/// Reports a function of a part that is misspelt, misplaced or given the wrong arguments.
pub(crate) fn check(
    report: &mut Report<'_>,
    part: &Part<'_>,
    (name, arguments): (&str, &Json),
    trail: &Trail<'_>,
) {
    if part.place == Place::Metadata {
        return;
    }
    let problem = shape(name, arguments).or_else(|| misplaced(part.place, name, trail));
    if let Some((message, help)) = problem {
        let message = if trail.to_string().is_empty() {
            message
        } else {
            format!("`{trail}`: {message}")
        };
        report.error(part.node, &rules::BAD_FUNCTION, message, help);
    }
}

fn shape(name: &str, arguments: &Json) -> Option<(String, String)> {
    let Ok(found) = FUNCTIONS.binary_search_by(|(known, _)| (*known).cmp(name)) else {
        let known = FUNCTIONS.iter().map(|(known, _)| *known);
        let help = hint(
            name,
            known,
            "see the intrinsic function reference of CloudFormation",
        );
        return Some((format!("there is no intrinsic function {name}"), help));
    };
    let given = match arguments {
        Json::List(items) => items.len(),
        _ => usize::MAX,
    };
    let is_text = matches!(arguments, Json::Text(_));
    let wanted = match FUNCTIONS[found].1 {
        Any => return None,
        Text if is_text => return None,
        Text => "one text".to_owned(),
        TextOr(count) if is_text || given == count => return None,
        TextOr(count) => format!("a text or a list of {count}"),
        Between(least, most) if (least..=most).contains(&given) => return None,
        Between(least, most) if least == most => format!("a list of {least}"),
        Between(least, most) => format!("a list of {least} to {most}"),
    };
    let got = match arguments {
        Json::List(items) => format!("a list of {}", items.len()),
        _ => "something else".to_owned(),
    };
    let message = format!("{name} takes {wanted}, got {got}");
    Some((message, "see the function's reference".to_owned()))
}

fn misplaced(place: Place, name: &str, trail: &Trail<'_>) -> Option<(String, String)> {
    let early = matches!(place, Place::Condition | Place::Rule);
    let (message, help) = if matches!(place, Place::Mapping | Place::Parameter) {
        (
            format!("{name} cannot stand here: mappings and parameters hold literals only"),
            "write the value out, or choose between rows with `find`",
        )
    } else if TESTS.contains(&name) && !early {
        (
            format!("{name} is for conditions and rules only"),
            "name a condition, and choose with `Fn::If`",
        )
    } else if RULE_FUNCTIONS.contains(&name) && place != Place::Rule {
        (format!("{name} is for rules only"), "use a `ParameterRule`")
    } else if NOT_BEFORE_RESOURCES.contains(&name) && early {
        (
            format!("{name} cannot stand in a condition or rule"),
            "use parameters, mappings and other conditions only",
        )
    } else if name == "Fn::GetStackOutput" && trail.keys().any(|key| key == "Fn::Split") {
        (
            "Fn::GetStackOutput cannot stand in Fn::Split".to_owned(),
            "output the items one by one in the other stack",
        )
    } else {
        return None;
    };
    Some((message, help.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS;

    #[test]
    fn the_table_is_sorted() {
        assert!(FUNCTIONS.is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
