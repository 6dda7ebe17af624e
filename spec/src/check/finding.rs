//! What a check reports.

/// A property that CloudFormation would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of mistake it is.
    pub kind: Kind,
    /// Where: property names and list positions from the resource's properties, such as
    /// `Tags[0].Key`; empty for the properties as a whole.
    pub path: String,
    /// What was found.
    pub got: String,
    /// What is allowed.
    pub expected: String,
    /// What to do, where there is more to say than what is expected.
    pub help: Option<String>,
}

/// The kinds of mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A property that the type does not have.
    UnknownProperty,
    /// A required property is missing.
    MissingProperty,
    /// A property that only AWS writes.
    ReadOnly,
    /// A value of another type.
    WrongType,
    /// A value outside a closed set.
    NotAllowed,
    /// Text of a wrong form.
    WrongForm,
    /// Text that is too short or too long.
    WrongLength,
    /// A number that is too small or too large.
    OutOfRange,
    /// A list or map with too few or too many elements.
    WrongCount,
    /// A list with the same element twice.
    Duplicate,
    /// Not exactly one of several alternatives.
    NotOneOf,
    /// None of several alternatives.
    NoneOf,
    /// A property that another one forbids.
    Excluded,
    /// A property that another one needs is missing.
    Needed,
}

/// A pattern, a date or network, one of several forms, and one rule per form of a reference.
const FORM_RULES: &[&str] = &[
    "E3031", "E3002", "E3017", "E1150", "E1151", "E1152", "E1153", "E1154", "E1155", "E1156",
    "E1157", "E1158", "E1159", "E1160", "E1161", "E1162", "E1163", "E1164",
];

impl Kind {
    /// The rules of cfn-lint that report the same mistake; a mistake inside an alternative is
    /// reported there as no alternative holding (`E3017`, `E3018`).
    #[must_use]
    pub fn judge_rules(self) -> &'static [&'static str] {
        match self {
            Kind::UnknownProperty => &["E3002"],
            Kind::MissingProperty => &["E3003"],
            Kind::ReadOnly => &["E3040"],
            Kind::WrongType => &["E3012"],
            Kind::NotAllowed => &["E3030"],
            Kind::WrongForm => FORM_RULES,
            Kind::WrongLength => &["E3031", "E3033"],
            Kind::OutOfRange => &["E3034"],
            Kind::WrongCount => &["E3002", "E3032"],
            Kind::Duplicate => &["E3002", "E3037"],
            Kind::NotOneOf => &["E3014", "E3018"],
            Kind::NoneOf => &["E3017", "E3058"],
            Kind::Excluded => &["E3020"],
            Kind::Needed => &["E3002", "E3021"],
        }
    }
}
