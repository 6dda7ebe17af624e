//! What an index holds of the objects of a bucket: the one thing in which indexes differ.
//!
//! A [`Projection`] turns an object into a [`Row`]; which objects there are, in which order events come and what
//! fails meanwhile is none of its business. [`Packages`](super::package::Packages) is that of a pypicloud server.
//! An index of one's own is a program of one's own, with rows that are [`Item`]s of one table:
//!
//! ```
//! use cloudwright_runtime::cache_sync::item::Item;
//! use cloudwright_runtime::cache_sync::projection::{Object, Projection, Tags};
//!
//! /// What pictures there are, and how large.
//! struct Pictures;
//!
//! impl Projection for Pictures {
//!     type Row = Item;
//!
//!     fn row(&self, key: &str, object: &Object, _: &Tags) -> Option<Item> {
//!         let item = Item::of(key, object).number("bytes", object.size);
//!         key.ends_with(".jpg").then_some(item)
//!     }
//! }
//! # let object = Object { size: 3, ..Object::default() };
//! # assert!(Pictures.row("a.txt", &object, &Tags::new()).is_none());
//! # assert!(Pictures.row("a.jpg", &object, &Tags::new()).is_some());
//! ```
//!
//! `cloudwright_runtime::program::index(Pictures)`, with the feature `index`, is then the whole of its `main`.
//!
//! [`Item`]: super::item::Item

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use crate::replicate::store::Object;

/// The tags of an object, by name.
pub type Tags = BTreeMap<String, String>;

/// What an index holds of objects.
///
/// The same object makes the same row, always: rows are compared with what the bucket says, and written where they
/// differ.
pub trait Projection {
    /// What is kept of an object.
    type Row: Row;

    /// Whether rows are made of the objects' tags too, which takes a request for each object; without that, tags are
    /// empty. A list does not tell of tags: of those that no event told, only a rebuild that is
    /// [thorough](cloudwright_contract::Rebuild::thorough) finds out.
    const TAGS: bool = false;

    /// The id of the row that an object is about; empty if it is about none. The whole key, unless said.
    fn id<'a>(&self, key: &'a str) -> &'a str {
        key
    }

    /// The row of an object as it is now; nothing if the index has none of it.
    fn row(&self, key: &str, object: &Object, tags: &Tags) -> Option<Self::Row>;

    /// Whether an id looks like that of a row. One that does not is looked at too, and counted and told of.
    fn is_likely(&self, _id: &str) -> bool {
        true
    }

    /// Further keys under which an object of this id may be, where several keys have one id.
    fn other_keys(&self, _id: &str) -> Vec<String> {
        Vec::new()
    }

    /// The group that a row of this id is in, as far as its id tells.
    fn group(&self, _id: &str) -> Option<String> {
        None
    }
}

/// What an index holds of one object.
pub trait Row: Clone + PartialEq {
    /// What the row is found by.
    fn id(&self) -> &str;

    /// The key of the object; empty if the row does not say.
    fn key(&self) -> &str;

    /// When the object was written.
    fn modified(&self) -> Moment;

    /// The name of the group that the row is in, and what would be said about the group if the row were all of it.
    /// None, unless said: then the index has rows, and nothing that is made of several.
    fn group(&self) -> Option<(&str, Summary)> {
        None
    }
}

/// What the index says about all rows of a group, as about the files of one package: what the newest says. Of
/// several that are equally new, the one whose summary is the last in the order of bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Summary {
    /// When the newest object was written.
    pub modified: Moment,
    /// Its summary.
    pub text: Option<String>,
}

/// A moment in microseconds since 1970, which is as exact as pypicloud is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub i64);

const MICROS: u64 = 1_000_000;

impl Moment {
    /// A moment in whole seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }
}

/// In seconds, with as many digits as it takes: `1714564800`, `1714564800.25`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        write!(f, "{sign}{}", micros / MICROS)?;
        match micros % MICROS {
            0 => Ok(()),
            rest => write!(f, ".{}", format!("{rest:06}").trim_end_matches('0')),
        }
    }
}

impl FromStr for Moment {
    type Err = NoMoment;

    /// Reads seconds; digits after the sixth are cut off.
    fn from_str(text: &str) -> Result<Self, NoMoment> {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, rest) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || !is_digits(rest) {
            return Err(NoMoment);
        }
        let rest = format!("{:0<6}", rest.get(..6).unwrap_or(rest));
        let micros = format!("{whole}{rest}").parse::<i64>();
        let micros = micros.map_err(|_| NoMoment)?;
        Ok(Self(if unsigned.len() < text.len() {
            -micros
        } else {
            micros
        }))
    }
}

/// A text that is no number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMoment;

impl fmt::Display for NoMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected seconds since 1970, such as 1714564800.25")
    }
}

impl std::error::Error for NoMoment {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_moment_is_read_as_it_is_written(micros in -(1_i64 << 60)..1 << 60) {
            let moment = Moment(micros);
            prop_assert_eq!(moment.to_string().parse(), Ok(moment));
        }
    }

    #[test]
    fn moments() {
        assert_eq!(
            "1714564800.0".parse(),
            Ok(Moment::from_seconds(1_714_564_800))
        );
        assert_eq!("1.2345678".parse(), Ok(Moment(1_234_567)));
        assert_eq!(Moment(1_250_000).to_string(), "1.25");
        for wrong in ["", "x", "1.", ".5", "1e9", "+1", "99999999999999999999"] {
            assert_eq!(wrong.parse::<Moment>(), Err(NoMoment), "{wrong}");
        }
    }
}
