//! Which result belongs to which object: the two are called alike, but for where they lie and how they end.

use cloudwright_contract::StagePlan;

/// The name of an object of a stage: its key without the end, as it is and without the beginning of its place.
/// `None` for a key that is not of the stage.
pub(super) fn of_input<'a>(stage: &StagePlan, key: &'a str) -> Option<[&'a str; 2]> {
    let name = without_end(key, Some(&stage.suffix))?;
    let short = name.strip_prefix(&*stage.input.prefix);
    short.map(|short| [name, short])
}

/// The name of a result. `None` for a key that is none of the stage.
pub(super) fn of_output<'a>(stage: &StagePlan, key: &'a str) -> Option<&'a str> {
    let prefix = stage.output.as_ref().map_or("", |output| &output.prefix);
    without_end(key.strip_prefix(prefix)?, stage.product.as_deref())
}

/// A key without this end; if none is said, without what follows the last dot of its last part.
fn without_end<'a>(key: &'a str, end: Option<&str>) -> Option<&'a str> {
    if let Some(end) = end.filter(|end| !end.is_empty()) {
        return key.strip_suffix(end);
    }
    let last = key.rfind('/').map_or(0, |slash| slash + 1);
    let dot = key[last..].rfind('.').map(|dot| last + dot);
    Some(dot.map_or(key, |dot| &key[..dot]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cloudwright_contract::StagePlace;

    #[test]
    fn names_are_keys_without_places_and_ends() {
        let place = |prefix: &str| StagePlace {
            bucket: "b".to_owned(),
            prefix: prefix.to_owned(),
        };
        let mut stage = StagePlan {
            input: place("in/"),
            suffix: ".wibl".to_owned(),
            output: Some(place("out/")),
            ..StagePlan::default()
        };
        assert_eq!(
            of_input(&stage, "in/a.b/c.wibl"),
            Some(["in/a.b/c", "a.b/c"])
        );
        assert_eq!(of_input(&stage, "in/c.txt"), None);
        assert_eq!(of_input(&stage, "c.wibl"), None);
        assert_eq!(of_output(&stage, "out/in/a.b/c.json"), Some("in/a.b/c"));
        assert_eq!(of_output(&stage, "out/a.b/c"), Some("a.b/c"));
        assert_eq!(of_output(&stage, "a.json"), None);
        stage.product = Some(".geo.json".to_owned());
        assert_eq!(of_output(&stage, "out/c.geo.json"), Some("c"));
        assert_eq!(of_output(&stage, "out/c.json"), None);
        stage.suffix.clear();
        assert_eq!(of_input(&stage, "in/c.x.wibl"), Some(["in/c.x", "c.x"]));
    }
}
