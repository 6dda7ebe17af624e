//! Policies that are too long for IAM, in parts that it takes.
//!
//! Statements are independent of each other, and a statement says of each of its resources and actions the same: so
//! whatever is too long can be said by several policies of the role.

use cloudwright_synth::sorted::{sort, sort_by_cached_key};
use cloudwright_synth::{Json, Scope};

use super::{Effect, PolicyDocument, Statement};

/// How many characters the inline policies of a role may have in all, white space left out
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)).
pub(crate) const INLINE: usize = 10_240;
/// How many a managed policy may have.
pub(crate) const MANAGED: usize = 6_144;
/// How many managed policies a role may have, unless its account has a higher quota.
pub(super) const ATTACHED: usize = 10;

/// What stands around the statements of a document.
const AROUND: usize = 48;
/// How much longer an ARN can be than the path of what it is read of.
const LONGER: usize = 136;

/// So many actions and resources always fit.
const FEW: usize = 24;

/// A statement by its words, which sort it, and about how long it gets.
struct Measured {
    words: String,
    length: usize,
    statement: Statement,
}

impl Measured {
    fn new(scope: &Scope, statement: Statement) -> Self {
        let words = scope.spelled(&statement.clone().into_json());
        // A name that CloudFormation makes is known when there is the resource.
        let length = words.len() + 1 + LONGER * words.matches("${").count();
        Self {
            words,
            length,
            statement,
        }
    }

    /// Itself, or as many parts as fit.
    fn within(self, scope: &Scope, most: usize, into: &mut Vec<Self>) {
        let halves = (self.length > most)
            .then(|| halves(scope, &self.statement))
            .flatten();
        match halves {
            Some(halves) => {
                for half in halves {
                    Self::new(scope, half).within(scope, most, into);
                }
            }
            None => into.push(self),
        }
    }
}

/// A statement as two about half of its resources each, or else about half of its actions.
fn halves(scope: &Scope, statement: &Statement) -> Option<[Statement; 2]> {
    let (mut first, mut second) = (statement.clone(), statement.clone());
    if statement.resources.len() > 1 {
        sort_by_cached_key(&mut first.resources, |resource: &Json| {
            scope.spelled(resource)
        });
        second.resources = first.resources.split_off(first.resources.len() / 2);
    } else if statement.actions.len() > 1 {
        sort(&mut first.actions);
        second.actions = first.actions.split_off(first.actions.len() / 2);
    } else {
        return None;
    }
    // A name may be in a document once.
    second.sid = None;
    Some([first, second])
}

/// How many actions, resources and values of conditions a statement has.
fn words(statement: &Statement) -> usize {
    let values = statement.conditions.iter();
    let values = values.map(|(_, _, value)| value.as_list().map_or(1, <[_]>::len));
    statement.actions.len() + statement.resources.len() + values.sum::<usize>()
}

impl PolicyDocument {
    /// The document, or parts of it: the first has at most so many characters, each other one as many as a managed
    /// policy. What is in which depends on what the statements say, not on when the program said it.
    pub(super) fn in_parts(self, scope: &Scope, first: usize) -> Vec<Self> {
        if self.statements.iter().map(words).sum::<usize>() <= FEW {
            return vec![self];
        }
        let all: Vec<_> = (self.statements.iter().cloned())
            .map(|statement| Measured::new(scope, statement))
            .collect();
        let length: usize = all.iter().map(|one| one.length).sum();
        if AROUND + length <= first {
            return vec![self];
        }
        let mut pieces = Vec::new();
        for one in all {
            one.within(scope, first.min(MANAGED) - AROUND, &mut pieces);
        }
        // What is forbidden comes first, so that it stays where it is when rights come and go.
        sort_by_cached_key(&mut pieces, |one| {
            (one.statement.effect == Effect::Allow, one.words.clone())
        });
        let mut parts: Vec<(usize, Self)> = Vec::new();
        for piece in pieces {
            let room = |(index, (length, _)): &(usize, &mut (usize, Self))| {
                let most = if *index == 0 { first } else { MANAGED };
                *length + piece.length <= most
            };
            let found = parts.iter_mut().enumerate().find(room);
            if let Some((_, (length, part))) = found {
                *length += piece.length;
                part.statements.push(piece.statement);
            } else {
                let statements = vec![piece.statement];
                parts.push((AROUND + piece.length, Self { statements }));
            }
        }
        parts.into_iter().map(|(_, part)| part).collect()
    }
}
