//! The actions that IAM knows, and the resources that each works on.
//!
//! The tables are texts, written by `cargo xtask spec`; `library.txt` has the services that the
//! library makes policies about, and with the feature `full` there are all others in `others.txt`.
//! An action is looked up by searching the text of its service, so nothing is prepared and nothing
//! is kept.

use super::read::is_action;
use crate::iam::GRANTS;
use cloudwright_synth::nearest;

#[cfg(feature = "full")]
const TABLES: &[&str] = &[include_str!("library.txt"), include_str!("others.txt")];
#[cfg(not(feature = "full"))]
const TABLES: &[&str] = &[include_str!("library.txt")];

/// What is known of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It works on these resources, written `service:resource`; none where the table does not say.
    Action(Option<&'static str>),
    /// There is no such action; another may have been meant.
    Missing(Option<String>),
    /// The service is in no table: nothing is known.
    Elsewhere,
}

/// What is known of an action, which may hold `*` and `?`.
pub(super) fn look_up(action: &str) -> Known {
    let Some((service, name)) = action.split_once(':') else {
        return match action {
            "*" => Known::Action(None),
            _ => Known::Missing(None),
        };
    };
    let Some(groups) = groups_of(service) else {
        return Known::Elsewhere;
    };
    if name.contains(['*', '?']) {
        let mut names = groups.lines().flat_map(actions);
        return match names.any(|known| is_action(name, known)) {
            true => Known::Action(None),
            false => Known::Missing(None),
        };
    }
    let name = name.to_ascii_lowercase();
    let found = groups.lines().find(|line| has(line, &name));
    match found {
        Some(group) => Known::Action(resources(group)),
        None => {
            let near = nearest(&name, groups.lines().flat_map(actions));
            Known::Missing(near.map(|near| as_written(action, &format!("{service}:{near}"))))
        }
    }
}

/// An action as AWS writes it: as the library grants it, or else with the capitals of the one that it is near to.
/// The tables have small letters alone.
fn as_written(given: &str, near: &str) -> String {
    let granted = GRANTS
        .iter()
        .flat_map(|rule| [rule.on_itself, rule.on_content, rule.on_everything])
        .flatten();
    if let Some(granted) = granted
        .into_iter()
        .find(|one| one.eq_ignore_ascii_case(near))
    {
        return (*granted).to_owned();
    }
    let alike = |(a, b): &(u8, u8)| a.eq_ignore_ascii_case(b);
    let start = given.bytes().zip(near.bytes()).take_while(alike).count();
    let most = given.len().min(near.len()) - start;
    let ends = given.bytes().rev().zip(near.bytes().rev());
    let end = ends.take_while(alike).take(most).count();
    let (head, tail) = (given.get(..start), given.get(given.len() - end..));
    let middle = near.get(start..near.len() - end);
    match (head, middle, tail) {
        (Some(head), Some(middle), Some(tail)) => format!("{head}{middle}{tail}"),
        _ => near.to_owned(),
    }
}

/// The lines about a service.
fn groups_of(service: &str) -> Option<&'static str> {
    let head = format!("\n{}\n ", service.to_ascii_lowercase());
    TABLES.iter().find_map(|table| {
        let start = table.find(&head)? + head.len();
        let rest = &table[start..];
        let mut at = 0;
        for line in rest.split_inclusive('\n') {
            if at > 0 && !line.starts_with(' ') {
                break;
            }
            at += line.len();
        }
        Some(&rest[..at])
    })
}

fn actions(line: &'static str) -> impl Iterator<Item = &'static str> {
    line.trim_start().split(' ').skip(1)
}

fn has(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let end = at + name.len();
        line[..at].ends_with(' ') && (end == line.len() || line[end..].starts_with(' '))
    })
}

fn resources(line: &'static str) -> Option<&'static str> {
    let resources = line.trim_start().split(' ').next()?;
    (resources != "-" && !resources.split('|').any(|one| one == "*")).then_some(resources)
}

#[cfg(test)]
mod tests {
    use super::{Known, look_up};
    use crate::iam::GRANTS;

    #[test]
    fn actions_are_found_whatever_their_case() {
        assert_eq!(look_up("sqs:SendMessage"), Known::Action(Some("sqs:*")));
        assert_eq!(look_up("SQS:sendmessage"), look_up("sqs:SendMessage"));
        assert_eq!(look_up("s3:Get*"), Known::Action(None));
        assert_eq!(look_up("*"), Known::Action(None));
        for (given, near) in [
            ("s3:GetObjct", "s3:GetObject"),
            ("s3:getobjct", "s3:GetObject"),
            // Granted by nothing of the library: the capitals are those of what was given.
            ("ecs:DescribeClustrs", "ecs:DescribeClusters"),
            ("sns:CreateTopics", "sns:CreateTopic"),
            ("iam:PassRolle", "iam:PassRole"),
        ] {
            let near = Known::Missing(Some(near.to_owned()));
            assert_eq!(look_up(given), near, "{given}");
        }
        assert_eq!(look_up("s3:Gett*"), Known::Missing(None));
        assert_eq!(look_up("nonsense"), Known::Missing(None));
        assert_eq!(look_up("no-such-service:Get"), Known::Elsewhere);
    }

    #[test]
    fn every_action_that_the_library_grants_is_known() {
        for rule in GRANTS {
            for action in [rule.on_itself, rule.on_content, rule.on_everything].concat() {
                assert!(matches!(look_up(action), Known::Action(_)), "{action}");
            }
        }
    }
}
