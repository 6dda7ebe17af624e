//! What works on any assembly of cloudwright: the library behind `cargo cloudwright` and behind the
//! verbs of a user's binary that do more than synthesize.

pub mod bundle;
