//! Rewrites regular expressions into the form that needs no engine at run time.
//!
//! Most patterns of the schemas are character classes with counts, alternatives and groups. They
//! are parsed as the judge's engine would (`regex` of Python, searching anywhere), simplified,
//! and written in the small language of `cloudwright_spec::Chars`, which must match the whole
//! text. What that language lacks (looking behind, word boundaries, possessive counts) stays a
//! regular expression and is only checked on request.

mod parse;
mod print;
mod set;

use cloudwright_spec::{Chars, Facets, Number, Pattern, Range};

use set::Set;

/// Alternatives.
type Alternatives = Vec<Sequence>;

/// Items one after the other.
type Sequence = Vec<Item>;

/// Something with a count.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    what: What,
    min: u32,
    max: Option<u32>,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Set(Set),
    Group(Alternatives),
    Ahead { negative: bool, inner: Alternatives },
    Start,
    End,
}

impl Item {
    fn once(what: What) -> Self {
        Item {
            what,
            min: 1,
            max: Some(1),
        }
    }

    fn is_once(&self) -> bool {
        self.min == 1 && self.max == Some(1)
    }
}

/// Rewrites the pattern of a property, where that is possible; a lone class gives its count to
/// the length.
pub(crate) fn rewrite(facets: &mut Facets<'static>) {
    if let Some(Pattern::Regex(regex)) = facets.pattern
        && let Some(alternatives) = whole_text(regex)
    {
        let alternatives = match lone_set(&alternatives) {
            Some((set, item)) => {
                tighten(&mut facets.range, &item);
                vec![vec![Item {
                    what: What::Set(set),
                    min: 0,
                    max: None,
                }]]
            }
            None => alternatives,
        };
        facets.pattern = match alternatives
            .iter()
            .any(|sequence| accepts_everything(sequence))
        {
            true => None,
            false => chars(&alternatives).or(facets.pattern),
        };
    }
    if let Some(Pattern::Regex(regex)) = facets.keys {
        facets.keys = whole_text(regex).and_then(|all| keys(&all)).or(facets.keys);
    }
}

/// Anything, and nothing that must be there, says nothing.
fn accepts_everything(sequence: &[Item]) -> bool {
    let is_anything = |item: &Item| item.what == What::Set(Set::anything()) && item.max.is_none();
    let optional = |item: &Item| item.min == 0 && !matches!(item.what, What::Ahead { .. });
    sequence.iter().any(is_anything) && sequence.iter().all(optional)
}

fn lone_set(alternatives: &Alternatives) -> Option<(Set, Item)> {
    let [sequence] = alternatives.as_slice() else {
        return None;
    };
    match sequence.as_slice() {
        [
            item @ Item {
                what: What::Set(set),
                ..
            },
        ] => Some((set.clone(), item.clone())),
        _ => None,
    }
}

fn tighten(range: &mut Range, count: &Item) {
    let number = |count: u32| Number::Int(i64::from(count));
    let lower = range.min.map_or(0.0, Number::as_f64);
    if f64::from(count.min) > lower {
        range.min = Some(number(count.min));
    }
    let upper = range.max.map_or(f64::INFINITY, Number::as_f64);
    if let Some(max) = count.max
        && f64::from(max) < upper
    {
        range.max = Some(number(max));
    }
}

fn chars(alternatives: &Alternatives) -> Option<Pattern<'static>> {
    let mut text = print::alternatives(alternatives);
    if text.ends_with(' ') {
        text.pop();
        text.push_str("\\u{20}");
    }
    Chars::parse(&text).ok()?;
    Some(Pattern::Chars(text.leak()))
}

fn keys(alternatives: &Alternatives) -> Option<Pattern<'static>> {
    let text = print::alternatives(alternatives).replace(' ', "\\u{20}");
    Chars::parse(&text).ok()?;
    Some(Pattern::Chars(text.leak()))
}

/// Parses a regular expression that is searched for, into one that must match the whole text.
fn whole_text(regex: &str) -> Option<Alternatives> {
    let alternatives = parse::parse(regex)?;
    let whole = alternatives
        .into_iter()
        .map(anchored)
        .map(|sequence| simplified(&sequence));
    Some(whole.collect())
}

fn anchored(mut sequence: Sequence) -> Sequence {
    let anything = || Item {
        what: What::Set(Set::anything()),
        min: 0,
        max: None,
    };
    match sequence.first().map(|item| &item.what) {
        Some(What::Start) => drop(sequence.remove(0)),
        _ => sequence.insert(0, anything()),
    }
    match sequence.last().map(|item| &item.what) {
        Some(What::End) => drop(sequence.pop()),
        _ => sequence.push(anything()),
    }
    sequence
}

/// Removes groups that are not needed, and puts equal neighbours together.
fn simplified(sequence: &[Item]) -> Sequence {
    let mut out: Sequence = Vec::new();
    for item in sequence {
        for item in simplified_item(item) {
            match out.last_mut() {
                Some(last) if joins(last, &item) => {
                    last.min += item.min;
                    last.max = last.max.zip(item.max).map(|(a, b)| a + b);
                }
                _ => out.push(item),
            }
        }
    }
    out
}

/// `x*x+` is `x+`; single characters stay as they are, since `aa` reads better than `a{2}`.
fn joins(last: &Item, next: &Item) -> bool {
    matches!(last.what, What::Set(_))
        && last.what == next.what
        && !(last.is_once() && next.is_once())
}

fn simplified_item(item: &Item) -> Sequence {
    let What::Group(inner) = &item.what else {
        return vec![match &item.what {
            What::Ahead { negative, inner } => Item {
                what: What::Ahead {
                    negative: *negative,
                    inner: all_simplified(inner),
                },
                ..item.clone()
            },
            _ => item.clone(),
        }];
    };
    let inner = all_simplified(inner);
    if let Some(set) = union(&inner) {
        return vec![Item {
            what: What::Set(set),
            ..*item
        }];
    }
    match inner.as_slice() {
        [sequence] if item.is_once() => sequence.clone(),
        [sequence] if nested(sequence) => vec![multiplied(&sequence[0], item)],
        _ => vec![Item {
            what: What::Group(inner),
            ..*item
        }],
    }
}

fn all_simplified(alternatives: &Alternatives) -> Alternatives {
    alternatives
        .iter()
        .map(|sequence| simplified(sequence))
        .collect()
}

/// The set that stands for alternatives of one character each.
fn union(alternatives: &Alternatives) -> Option<Set> {
    let sets = alternatives
        .iter()
        .map(|sequence| match sequence.as_slice() {
            [
                item @ Item {
                    what: What::Set(set),
                    ..
                },
            ] if item.is_once() => Some(set),
            _ => None,
        });
    let sets: Option<Vec<&Set>> = sets.collect();
    Set::union(&sets?)
}

/// Whether the counts of a counted set within a counted group multiply without gaps.
fn nested(sequence: &[Item]) -> bool {
    matches!(
        sequence,
        [Item {
            what: What::Set(_),
            min: 0 | 1,
            ..
        }]
    )
}

fn multiplied(inner: &Item, outer: &Item) -> Item {
    let max = inner.max.zip(outer.max).map(|(a, b)| a.saturating_mul(b));
    Item {
        what: inner.what.clone(),
        min: inner.min * outer.min,
        max,
    }
}

#[cfg(test)]
mod tests;
