//! What people call things: the path of a construct in place of a logical id or an ARN.

use std::collections::BTreeMap;

use cloudwright_diff::one_line;
use cloudwright_graph::{Source, Stack};

/// The properties that give a resource a name of its own.
const NAMED: [&str; 9] = [
    "BucketName",
    "FunctionName",
    "GroupName",
    "LogGroupName",
    "Name",
    "QueueName",
    "RoleName",
    "TableName",
    "TopicName",
];

/// The names of all resources.
pub(crate) struct Known<'a> {
    /// Construct path and type by stack and logical id.
    ids: BTreeMap<(&'a str, &'a str), (String, &'a str)>,
    /// Construct path by type and name.
    named: BTreeMap<(&'a str, String), String>,
}

/// The names that the template of a stack can use.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    known: &'a Known<'a>,
    stack: &'a str,
}

/// Something that a policy names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Thing {
    /// The path of its construct.
    pub(crate) path: String,
    /// Its CloudFormation type.
    pub(crate) kind: String,
    /// What follows its ARN or name: `/*` for the objects of a bucket.
    pub(crate) rest: String,
}

impl<'a> Known<'a> {
    /// The names of an assembly, and of one that was before; where they differ, those of the first.
    pub(crate) fn new(sources: &[&'a Source]) -> Self {
        let (mut ids, mut named) = (BTreeMap::new(), BTreeMap::new());
        for source in sources {
            let actors = source.actors();
            for (path, construct) in &source.constructs {
                let resource = construct.resource.as_ref();
                let Some(((kind, id), stack)) = resource.zip(source.stack_of(path)) else {
                    continue;
                };
                let shown = shown(path);
                let actor = actors.get(shown).map_or(shown, String::as_str);
                if let Some(name) = name_of(stack, id) {
                    let key = (kind.as_str(), name);
                    named.entry(key).or_insert_with(|| actor.to_owned());
                }
                let key = (stack.path.as_str(), id.as_str());
                ids.entry(key)
                    .or_insert_with(|| (actor.to_owned(), kind.as_str()));
            }
        }
        Self { ids, named }
    }

    /// The names that the template of a stack can use.
    pub(crate) const fn of_stack(&'a self, stack: &'a str) -> Names<'a> {
        Names { known: self, stack }
    }
}

impl Names<'_> {
    fn id<'s>(&'s self, id: &'s str) -> Option<&'s (String, &'s str)> {
        self.known.ids.get(&(self.stack, id))
    }

    /// What the resource of a logical id is called; the id itself where it is not known.
    pub(crate) fn of_id<'s>(&'s self, id: &'s str) -> &'s str {
        self.id(id).map_or(id, |(path, _)| path)
    }

    /// What an ARN, a name or a reference means.
    pub(crate) fn of_text(&self, text: &str) -> Option<Thing> {
        self.of_reference(text).or_else(|| self.of_arn(text))
    }

    /// `${Uploads.Arn}/*`.
    fn of_reference(&self, text: &str) -> Option<Thing> {
        let (inner, rest) = text.strip_prefix("${")?.split_once('}')?;
        let id = inner.split('.').next().unwrap_or(inner);
        let (path, kind) = self.id(id)?;
        Some(Thing {
            path: path.clone(),
            kind: (*kind).to_owned(),
            rest: rest.to_owned(),
        })
    }

    /// `arn:aws:s3:::name/*`, where a resource of the app has this name.
    fn of_arn(&self, text: &str) -> Option<Thing> {
        let (service, tail) = arn(text)?;
        let of_service = |(_, of, before, _): &&(&str, &str, &str, char)| {
            *of == service && tail.starts_with(before)
        };
        let (kind, _, before, ends) = *SERVICES.iter().find(of_service)?;
        let tail = &tail[before.len()..];
        let (name, rest) = tail.split_at(tail.find(ends).unwrap_or(tail.len()));
        let path = self.known.named.get(&(kind, name.to_owned()))?;
        Some(Thing {
            path: path.clone(),
            kind: kind.to_owned(),
            rest: rest.to_owned(),
        })
    }
}

/// Types with the service of their ARNs, what is before the name there, and what can follow it.
const SERVICES: [(&str, &str, &str, char); 9] = [
    ("AWS::S3::Bucket", "s3", "", '/'),
    ("AWS::SQS::Queue", "sqs", "", '/'),
    ("AWS::SNS::Topic", "sns", "", ':'),
    ("AWS::Lambda::Function", "lambda", "function:", ':'),
    ("AWS::DynamoDB::Table", "dynamodb", "table/", '/'),
    ("AWS::IAM::Role", "iam", "role/", '/'),
    ("AWS::Logs::LogGroup", "logs", "log-group:", ':'),
    (
        "AWS::StepFunctions::StateMachine",
        "states",
        "stateMachine:",
        ':',
    ),
    (
        "AWS::SecretsManager::Secret",
        "secretsmanager",
        "secret:",
        '-',
    ),
];

/// The service of an ARN and what follows the account: `arn:${AWS::Partition}:sqs:..`. What stands for a value has colons.
pub(crate) fn arn(text: &str) -> Option<(String, String)> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for letter in text.strip_prefix("arn:")?.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match letter {
            ':' if depth == 0 && parts.len() < 5 => parts.push(String::new()),
            letter => {
                if let Some(last) = parts.last_mut() {
                    last.push(letter);
                }
            }
        }
    }
    let [_, service, _, _, tail] = <[String; 5]>::try_from(parts).ok()?;
    Some((service, tail))
}

/// A path without the part that every construct has.
pub(crate) fn shown(path: &str) -> &str {
    let end = ["/Resource", "/Default"];
    let end = end.iter().find_map(|end| path.strip_suffix(end));
    end.unwrap_or(path)
}

/// The name that a template gives to a resource.
fn name_of(stack: &Stack, id: &str) -> Option<String> {
    let properties = &stack.template["Resources"][id]["Properties"];
    let name = NAMED.iter().find_map(|name| properties.get(name))?;
    Some(one_line(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_is_taken_apart_whatever_stands_for_its_values() {
        let text = "arn:${AWS::Partition}:s3:::uploads-${AWS::AccountId}-an/in/*";
        let (service, tail) = arn(text).unwrap();
        assert_eq!(
            (&*service, &*tail),
            ("s3", "uploads-${AWS::AccountId}-an/in/*")
        );
        let (service, tail) = arn("arn:aws:lambda:eu-west-1:123456789012:function:work:*").unwrap();
        assert_eq!((&*service, &*tail), ("lambda", "function:work:*"));
        assert_eq!(arn("arn:aws:s3"), None);
        assert_eq!(arn("*"), None);
    }

    #[test]
    fn the_part_that_every_construct_has_is_left_out() {
        assert_eq!(shown("Mail/Inbox/Resource"), "Mail/Inbox");
        assert_eq!(shown("Mail/Resources"), "Mail/Resources");
    }
}
