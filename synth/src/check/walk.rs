//! One walk over a resolved document, with the way that leads to each value.

use std::fmt;

use crate::json::Json;

/// A step from a value to one inside it.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// The way from the top of an element to a value: `Properties.Policies[0].PolicyName`.
#[derive(Default)]
pub(crate) struct Trail<'a>(Vec<Step<'a>>);

impl<'a> Trail<'a> {
    /// A trail that starts at a named value.
    pub(crate) fn at(start: &'a str) -> Self {
        let mut trail = Self::default();
        trail.restart(start);
        trail
    }

    /// The same trail, from another named value on: thousands of walks need not allocate each.
    pub(crate) fn restart(&mut self, start: &'a str) -> &mut Self {
        self.0.clear();
        if !start.is_empty() {
            self.0.push(Step::Key(start));
        }
        self
    }

    /// The names on the way, outermost first.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter_map(|step| match step {
            Step::Key(key) => Some(*key),
            Step::Index(_) => None,
        })
    }
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => out.write_str(key)?,
                Step::Key(key) => write!(out, ".{key}")?,
                Step::Index(index) => write!(out, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Visits a value and everything inside it, outer before inner. An intrinsic function counts as an
/// object with one member.
pub(crate) fn walk<'a>(
    json: &'a Json,
    trail: &mut Trail<'a>,
    visit: &mut impl FnMut(&'a Json, &Trail<'a>),
) {
    visit(json, trail);
    match json {
        Json::List(items) => {
            for (index, item) in items.iter().enumerate() {
                within(Step::Index(index), item, trail, visit);
            }
        }
        Json::Map(members) => {
            for (key, value) in members {
                within(Step::Key(key), value, trail, visit);
            }
        }
        Json::Token(token) => {
            if let Some((name, arguments)) = token.function() {
                within(Step::Key(name), arguments, trail, visit);
            }
        }
        _ => {}
    }
}

fn within<'a>(
    step: Step<'a>,
    json: &'a Json,
    trail: &mut Trail<'a>,
    visit: &mut impl FnMut(&'a Json, &Trail<'a>),
) {
    trail.0.push(step);
    walk(json, trail, visit);
    trail.0.pop();
}
