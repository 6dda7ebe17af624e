//! Names by a scheme: the same parts in the same order for everything, the region in short.
//!
//! The rule for regions and for names that get too long is that of [Paco](https://paco-cloud.io).

use cloudwright_synth::{Scope, Text, short_hash};

use super::nearest;
use crate::rules;

/// How many digits of its hash a name begins with that was too long.
const DIGITS: usize = 8;

/// What the words of a region's name are shortened to; other words stay.
const WORDS: [(&str, &str); 9] = [
    ("central", "c"),
    ("north", "n"),
    ("northeast", "ne"),
    ("northwest", "nw"),
    ("south", "s"),
    ("southeast", "se"),
    ("east", "e"),
    ("west", "w"),
    ("gov", "g"),
];

/// The short name of a region: its first word, the first letters of the others, and the number.
///
/// ```
/// use cloudwright::defaults::short_region;
/// assert_eq!(short_region("eu-central-1"), "euc1");
/// assert_eq!(short_region("ap-southeast-2"), "apse2");
/// assert_eq!(short_region("us-gov-west-1"), "usgw1");
/// ```
#[must_use]
pub fn short_region(region: &str) -> String {
    let mut words = region.split('-');
    let first = words.next().unwrap_or_default();
    let rest = words.map(|word| {
        let mut known = WORDS.iter();
        let short = known.find(|(long, _)| *long == word);
        short.map_or(word, |(_, short)| *short)
    });
    std::iter::once(first).chain(rest).collect()
}

/// What names are made of, in which order: see [`Configure::naming`](super::Configure::naming).
///
/// The parts are joined by dashes, in lower case; what is no letter or digit is a dash, and a part that is empty is left
/// out. A name that is too long for its resource keeps its end, after 8 digits of a hash of all of it.
///
/// A resource with a fixed name cannot be replaced while it exists, and deploying needs the capability
/// `CAPABILITY_NAMED_IAM`. A bucket's name is one of all customers of AWS: without the account's own namespace, somebody
/// else may have it already, or take it once yours is deleted, so let clients say whose bucket they expect.
///
/// ```
/// use cloudwright::prelude::*;
/// # let app = App::new();
/// // What Paco calls things in the network environment `mynet`.
/// let paco = NamingScheme::new().text("ne").text("mynet").stage().text("app").path().region();
/// app.naming(paco);
/// let stack = app.stage("Prod").stack("Site", Environment::new("111111111111", "us-west-2"));
/// let artifacts = stack.add("Artifacts", s3::Bucket::new());
/// assert_eq!(artifacts.name().literal(), Some("ne-mynet-prod-app-site-artifacts-usw2"));
/// # app.synth().unwrap();
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a scheme does nothing until a place gets it: `app.naming(..)`"]
pub struct NamingScheme {
    parts: Vec<Part>,
    /// Short names of regions that do not follow the rule.
    regions: Vec<[Text; 2]>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(Text),
    Stage,
    Path,
    Region,
}

impl NamingScheme {
    /// A scheme without parts: a name is the path of its construct.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same text in every name, such as that of the organisation.
    pub fn text(mut self, text: impl Into<Text>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// The stage, or stages, of the construct.
    pub fn stage(mut self) -> Self {
        self.parts.push(Part::Stage);
        self
    }

    /// The construct's path below its stage, from its stack on. It is part of every name, at the end where it is not said,
    /// since names would be the same without it.
    pub fn path(mut self) -> Self {
        self.parts.push(Part::Path);
        self
    }

    /// The [short name](short_region) of the region, which then has to be known.
    pub fn region(mut self) -> Self {
        self.parts.push(Part::Region);
        self
    }

    /// The short name of a region, where it is not the one by the rule.
    pub fn short(mut self, region: impl Into<Text>, short: impl Into<Text>) -> Self {
        self.regions.push([region.into(), short.into()]);
        self
    }

    fn name(&self, scope: &Scope, limit: usize) -> Option<Text> {
        let environment = scope.environment();
        let region = environment.region_name();
        if region.is_none() && self.parts.contains(&Part::Region) {
            report_no_region(scope);
            return None;
        }
        let path = scope.path();
        let (stage, below) = split(scope, &path);
        let part = |part: &Part| match part {
            Part::Text(text) => text.to_string(),
            Part::Stage => stage.to_owned(),
            Part::Path => below.to_owned(),
            Part::Region => self.short_region(region.unwrap_or_default()),
        };
        let mut parts: Vec<String> = self.parts.iter().map(part).collect();
        if !self.parts.contains(&Part::Path) {
            parts.push(below.to_owned());
        }
        let parts = parts.iter().map(|part| plain(part));
        let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
        Some(shortened(&parts.join("-"), limit).into())
    }

    fn short_region(&self, region: &str) -> String {
        let mut known = self.regions.iter();
        match known.find(|[name, _]| name == region) {
            Some([_, short]) => short.to_string(),
            None => short_region(region),
        }
    }
}

/// The path of the stage, and what comes below it: the stack and the construct.
fn split<'a>(scope: &Scope, path: &'a str) -> (&'a str, &'a str) {
    let mut stage = scope.stack().parent();
    // A nested stack is within the one that it belongs to.
    while !stage.stack().path().is_empty() {
        stage = stage.stack().parent();
    }
    let stage = stage.path();
    let (stage, below) = path.split_at(stage.len());
    (stage, below.trim_start_matches('/'))
}

/// Lower-case letters and digits, with single dashes between them.
fn plain(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

/// A name of at most `limit` characters: the beginning of the hash of a longer one, and its end.
pub(crate) fn shortened(full: &str, limit: usize) -> String {
    let count = full.chars().count();
    if count <= limit {
        return full.to_owned();
    }
    let tail = limit.saturating_sub(DIGITS + 1);
    let tail: String = full.chars().skip(count - tail).collect();
    let dash = if tail.starts_with('-') { "" } else { "-" };
    let hash = short_hash(full, DIGITS).to_lowercase();
    format!("{hash}{dash}{tail}")
}

fn report_no_region(scope: &Scope) {
    let message =
        "names have the region in them by the scheme, and this stack's region is not known";
    let help = "say where the stack goes: `Environment::new(\"111111111111\", \"eu-central-1\")`";
    scope.error(&rules::BAD_NAME, message, help);
}

/// The name that a resource gets here by the nearest scheme, at most `limit` characters long.
pub(crate) fn name(scope: &Scope, limit: usize) -> Option<Text> {
    let scheme = nearest(scope, |defaults| defaults.naming.clone())?;
    scheme.name(scope, limit)
}

#[cfg(test)]
mod tests {
    use super::{short_region, shortened};

    /// As Paco publishes them.
    const REGIONS: [(&str, &str); 24] = [
        ("us-east-1", "use1"),
        ("us-east-2", "use2"),
        ("us-west-1", "usw1"),
        ("us-west-2", "usw2"),
        ("us-gov-west-1", "usgw1"),
        ("us-gov-east-1", "usge1"),
        ("af-south-1", "afs1"),
        ("ap-south-1", "aps1"),
        ("ap-northeast-1", "apne1"),
        ("ap-northeast-2", "apne2"),
        ("ap-northeast-3", "apne3"),
        ("ap-southeast-1", "apse1"),
        ("ap-southeast-2", "apse2"),
        ("ca-central-1", "cac1"),
        ("cn-north-1", "cnn1"),
        ("cn-northwest-1", "cnnw1"),
        ("eu-central-1", "euc1"),
        ("eu-west-1", "euw1"),
        ("eu-west-2", "euw2"),
        ("eu-west-3", "euw3"),
        ("eu-south-1", "eus1"),
        ("eu-north-1", "eun1"),
        ("sa-east-1", "sae1"),
        ("me-central-1", "mec1"),
    ];

    #[test]
    fn short_names_of_regions_are_those_of_paco() {
        for (region, short) in REGIONS {
            assert_eq!(short_region(region), short);
        }
    }

    #[test]
    fn a_longer_name_keeps_its_end_after_eight_digits_of_its_hash() {
        let long = |length: usize| format!("ne-n-{}-euw1", "x".repeat(length));
        assert_eq!(shortened(&long(53), 63), long(53));
        let end = "x".repeat(49);
        assert_eq!(shortened(&long(54), 63), format!("e5fe2c79-{end}-euw1"));
        // Where the end that is kept begins with a dash, there is no second one.
        let name = shortened(
            &format!("ne-{}-{}-euw1", "y".repeat(20), "x".repeat(48)),
            63,
        );
        assert_eq!((name.len(), &name[8..10]), (62, "-x"));
    }
}
