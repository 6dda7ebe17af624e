//! Packages and summaries as pypicloud writes them into Redis: numbers as Python writes them, the
//! entries of the data as JSON, nothing as an empty text.
//!
//! What cannot be read counts as not there, so that it is written anew.

use std::collections::BTreeMap;

use super::Fields;
use crate::cache_sync::package::Package;
use crate::cache_sync::projection::{Moment, Summary};

/// The fields that are not entries of the data.
const OWN: [&str; 5] = ["name", "version", "filename", "last_modified", "summary"];

pub(super) fn package(file: &str, fields: &Fields) -> Option<Package> {
    let data = fields
        .iter()
        .filter(|(name, _)| !OWN.contains(&name.as_str()));
    let data =
        data.filter_map(|(name, text)| Some((name.clone(), serde_json::from_str(text).ok()?)));
    Some(Package {
        file: file.to_owned(),
        name: fields.get("name")?.clone(),
        version: fields.get("version")?.clone(),
        modified: fields.get("last_modified")?.parse().ok()?,
        summary: line(fields),
        data: data.collect::<BTreeMap<_, String>>(),
    })
}

pub(super) fn summary(fields: &Fields) -> Option<Summary> {
    Some(Summary {
        modified: fields.get("last_modified")?.parse().ok()?,
        text: line(fields),
    })
}

pub(super) fn fields_of_package(package: &Package) -> Fields {
    let data = package.data.iter();
    let data =
        data.map(|(name, text)| (name.clone(), serde_json::Value::from(&**text).to_string()));
    let own = [
        ("name", package.name.clone()),
        ("version", package.version.clone()),
        ("filename", package.file.clone()),
        ("last_modified", float(package.modified)),
        ("summary", package.summary.clone().unwrap_or_default()),
    ];
    let own = own.map(|(name, text)| (name.to_owned(), text));
    data.chain(own).collect()
}

pub(super) fn fields_of_summary(name: &str, summary: &Summary) -> Fields {
    let fields = [
        ("name", name.to_owned()),
        ("summary", summary.text.clone().unwrap_or_default()),
        ("last_modified", float(summary.modified)),
    ];
    fields.map(|(name, text)| (name.to_owned(), text)).into()
}

fn line(fields: &Fields) -> Option<String> {
    fields
        .get("summary")
        .filter(|text| !text.is_empty())
        .cloned()
}

/// With a point even if it is whole, as Python writes it.
fn float(moment: Moment) -> String {
    let text = moment.to_string();
    match text.contains('.') {
        true => text,
        false => text + ".0",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_read_as_it_is_written() {
        let written = Package {
            file: "six-1.0.zip".to_owned(),
            name: "six".to_owned(),
            version: "1.0".to_owned(),
            modified: Moment::from_seconds(1_714_564_800),
            summary: None,
            data: [("path".to_owned(), "a \"b\"/six-1.0.zip".to_owned())].into(),
        };
        let fields = fields_of_package(&written);
        assert_eq!(fields["path"], "\"a \\\"b\\\"/six-1.0.zip\"");
        assert_eq!(
            (&*fields["last_modified"], &*fields["summary"]),
            ("1714564800.0", "")
        );
        assert_eq!(package("six-1.0.zip", &fields), Some(written));
    }

    #[test]
    fn what_cannot_be_read_is_not_there() {
        let fields = |fields: &[(&str, &str)]| {
            let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
            fields.iter().map(owned).collect::<Fields>()
        };
        assert_eq!(package("f", &Fields::new()), None);
        assert_eq!(summary(&fields(&[("last_modified", "yesterday")])), None);
        let known = [
            ("name", "n"),
            ("version", "1"),
            ("last_modified", "1.5"),
            ("path", "no JSON"),
        ];
        assert!(package("f", &fields(&known)).unwrap().data.is_empty());
    }
}
