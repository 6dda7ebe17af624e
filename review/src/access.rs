//! Rights and network rules in words: "Uploads/Resize may now read every object of Uploads/Files".

use cloudwright_diff::{Access, Diff, Direction, NetworkChange, Permission, PolicyKind, Reason};

use crate::model::{Part, Sentence};
use crate::names::{Names, Thing, arn};
use crate::words;

/// Whether sentences tell a change, or how things are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tense {
    /// "may now".
    Change,
    /// "may".
    State,
}

/// The sentences of a difference: those that let in anybody first, then other openings, then closings.
pub(crate) fn sentences(diff: &Diff, names: &Names<'_>, tense: Tense) -> Vec<Sentence> {
    let rights = diff.permissions.iter();
    let rights = rights.map(|permission| right(permission, names, tense));
    let rules = diff.network.iter().map(|rule| network(rule, names, tense));
    let mut all: Vec<Sentence> = rules.chain(rights).collect();
    let rank = |one: &Sentence| (one.access, !one.is_wide);
    cloudwright_spec::sorted::sort_by(&mut all, |a, b| rank(a).cmp(&rank(b)));
    all
}

/// Builds a sentence.
#[derive(Default)]
struct Words(Vec<Part>);

impl Words {
    fn say(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Part::Said(said)) => *said += text,
            _ => self.0.push(Part::Said(text.to_owned())),
        }
    }

    fn name(&mut self, name: &str) {
        self.0.push(Part::Name(name.to_owned()));
    }

    /// Several things: `a, b and c`.
    fn each<T>(&mut self, items: &[T], mut one: impl FnMut(&mut Self, &T)) {
        for (place, item) in items.iter().enumerate() {
            match place {
                0 => {}
                place if place + 1 == items.len() => self.say(" and "),
                _ => self.say(", "),
            }
            one(self, item);
        }
    }
}

fn right(permission: &Permission, names: &Names<'_>, tense: Tense) -> Sentence {
    let mut words = Words::default();
    subject(&mut words, permission, names);
    if permission.kind == PolicyKind::Managed {
        words.say(match (permission.access, tense) {
            (Access::Closed, _) => " no longer has the policy ",
            (Access::Opened, Tense::Change) => " now has the policy ",
            (Access::Opened, Tense::State) => " has the policy ",
        });
        words.each(&permission.actions, |words, arn| words.name(arn));
    } else {
        words.say(verb(permission, tense));
        words.say(&words::doing(&permission.actions));
        words.say(" ");
        objects(&mut words, permission, names);
        conditions(&mut words, permission, names);
    }
    words.say(why(permission));
    Sentence {
        access: permission.access,
        parts: words.0,
        exactly: permission.to_line(),
        is_wide: is_wide(permission),
    }
}

/// Who may, or may not.
fn subject(words: &mut Words, permission: &Permission, names: &Names<'_>) {
    match permission.kind {
        PolicyKind::Identity | PolicyKind::Managed => words.name(names.of_id(&permission.holder)),
        PolicyKind::Resource | PolicyKind::Trust => {
            words.each(&permission.principals, |words, text| {
                principal(words, text, names);
            });
        }
    }
}

fn principal(words: &mut Words, text: &str, names: &Names<'_>) {
    let (kind, name) = text.split_once(':').unwrap_or(("", text));
    match (kind, name) {
        (_, "*") => words.say("anybody"),
        ("Service", service) => {
            words.say("the service ");
            words.name(service);
        }
        ("AWS", name) => match (names.of_text(name), arn(name)) {
            (Some(thing), _) => words.name(&thing.path),
            (None, Some((_, tail))) if tail == "root" => {
                let account = name.trim_end_matches(":root");
                words.say("the account ");
                words.name(account.rsplit("::").next().unwrap_or(account));
            }
            _ => words.name(name),
        },
        ("", "") => words.say("somebody"),
        _ => words.name(text),
    }
}

fn verb(permission: &Permission, tense: Tense) -> &'static str {
    match (permission.access, permission.denies, tense) {
        (Access::Opened, false, Tense::Change) => " may now ",
        (Access::Opened, false, Tense::State) => " may ",
        (Access::Closed, false, _) => " may no longer ",
        (Access::Opened, true, _) => " is no longer forbidden to ",
        (Access::Closed, true, Tense::Change) => " is now forbidden to ",
        (Access::Closed, true, Tense::State) => " is forbidden to ",
    }
}

fn objects(words: &mut Words, permission: &Permission, names: &Names<'_>) {
    if permission.kind == PolicyKind::Trust || permission.resources.is_empty() {
        return words.name(names.of_id(&permission.holder));
    }
    words.each(&permission.resources, |words, text| {
        object(words, text, names);
    });
}

fn object(words: &mut Words, text: &str, names: &Names<'_>) {
    match names.of_text(text) {
        Some(thing) => part_of(words, &thing),
        None if text == "*" => words.say("everything"),
        None => match arn(text) {
            Some((service, tail)) if service == "s3" => {
                let (name, rest) = tail.split_at(tail.find('/').unwrap_or(tail.len()));
                let thing = Thing {
                    path: name.to_owned(),
                    kind: "AWS::S3::Bucket".to_owned(),
                    rest: rest.to_owned(),
                };
                part_of(words, &thing);
            }
            _ => words.name(text),
        },
    }
}

/// A thing, or a part of it.
fn part_of(words: &mut Words, thing: &Thing) {
    let is_bucket = thing.kind == "AWS::S3::Bucket";
    match thing.rest.as_str() {
        "" => {}
        "/*" if is_bucket => words.say("every object of "),
        key if is_bucket => {
            let key = key.trim_start_matches('/');
            match key.strip_suffix('*') {
                Some(prefix) => {
                    words.say("the objects under ");
                    words.name(prefix);
                }
                None => {
                    words.say("the object ");
                    words.name(key);
                }
            }
            words.say(" of ");
        }
        "/index/*" => words.say("every index of "),
        ":*" if thing.kind == "AWS::Lambda::Function" => words.say("every version of "),
        ":*" | "-*" | "-??????" => {}
        rest => {
            words.name(rest);
            words.say(" of ");
        }
    }
    words.name(&thing.path);
}

fn conditions(words: &mut Words, permission: &Permission, names: &Names<'_>) {
    for (place, condition) in permission.conditions.iter().enumerate() {
        words.say(if place == 0 { ", " } else { " and " });
        let mut parts = condition.splitn(3, ' ');
        let [operator, key, value] = [(); 3].map(|()| parts.next().unwrap_or_default());
        match (operator, key, value) {
            ("Bool", "aws:SecureTransport", "false") => words.say("without encryption on the way"),
            ("NumericLessThan", "s3:TlsVersion", version) => {
                words.say(&format!("with TLS older than {version}"));
            }
            (_, "aws:SourceArn", arn) if is_positive(operator) => {
                words.say("on behalf of ");
                let path = names.of_text(arn).map(|thing| thing.path);
                words.name(path.as_deref().unwrap_or(arn));
            }
            (_, "aws:SourceAccount", "${AWS::AccountId}") if is_positive(operator) => {
                words.say("from within this account");
            }
            _ => {
                words.say("if ");
                words.name(condition);
            }
        }
    }
}

fn is_positive(operator: &str) -> bool {
    matches!(
        operator,
        "ArnEquals" | "ArnLike" | "StringEquals" | "StringLike"
    )
}

/// What is other than before, where it is not the whole.
fn why(permission: &Permission) -> &'static str {
    match (permission.reason, permission.access) {
        (Reason::Conditions, Access::Opened) => " (under fewer or other conditions than before)",
        (Reason::Conditions, Access::Closed) => " (under more or other conditions than before)",
        _ => "",
    }
}

/// Whether a right lets in anybody, or lets do anything.
fn is_wide(permission: &Permission) -> bool {
    let anybody = permission
        .principals
        .iter()
        .any(|principal| matches!(principal.as_str(), "*" | "AWS:*"));
    let is_all = |action: &String| action == "*" || action.starts_with('!');
    let anything = permission.actions.iter().any(is_all)
        || permission.actions.iter().any(|action| {
            action.ends_with(":*") && permission.resources.iter().any(|resource| resource == "*")
        });
    let is_opening = permission.access == Access::Opened && !permission.denies;
    is_opening && (anybody && permission.conditions.is_empty() || anything)
}

fn network(rule: &NetworkChange, names: &Names<'_>, tense: Tense) -> Sentence {
    let mut words = Words::default();
    words.name(names.of_id(&rule.group));
    words.say(match (rule.access, rule.direction, tense) {
        (Access::Opened, Direction::In, Tense::Change) => " now lets in ",
        (Access::Opened, Direction::In, Tense::State) => " lets in ",
        (Access::Opened, Direction::Out, Tense::Change) => " now lets out ",
        (Access::Opened, Direction::Out, Tense::State) => " lets out ",
        (Access::Closed, Direction::In, _) => " no longer lets in ",
        (Access::Closed, Direction::Out, _) => " no longer lets out ",
    });
    words.say(&match (&*rule.protocol, &*rule.ports) {
        ("all", _) => "everything".to_owned(),
        (protocol, "all") => format!("{protocol} at every port"),
        (protocol, ports) => format!("{protocol} at port {ports}"),
    });
    words.say(match rule.direction {
        Direction::In => " from ",
        Direction::Out => " to ",
    });
    let is_anywhere = matches!(&*rule.peer, "0.0.0.0/0" | "::/0");
    if is_anywhere {
        words.say("anywhere: ");
    }
    let peer = names.of_text(&rule.peer).map(|thing| thing.path);
    words.name(peer.as_deref().unwrap_or(&rule.peer));
    Sentence {
        access: rule.access,
        parts: words.0,
        exactly: rule.to_line(),
        is_wide: is_anywhere && rule.access == Access::Opened && rule.direction == Direction::In,
    }
}
