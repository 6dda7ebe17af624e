//! Just enough of the files that Python's
//! [configparser](https://docs.python.org/3/library/configparser.html#supported-ini-file-structure) reads.
//!
//! Written here and not taken from a crate: it is compiled on the way to every template, and few crates
//! read continued lines as Python does.

use cloudwright_synth::sorted::Map;

/// The settings of one section: by their names in lower case, the last one said. `None` if there is no
/// such section.
pub(super) fn section(text: &str, wanted: &str) -> Option<Map<String, String>> {
    let mut settings: Option<Map<String, String>> = None;
    let mut is_inside = false;
    let mut last: Option<String> = None;
    for line in text.lines() {
        let said = line.trim();
        if said.is_empty() || said.starts_with(['#', ';']) {
            continue;
        }
        let is_indented = line.starts_with([' ', '\t']);
        if let Some(name) = heading(said).filter(|_| !is_indented) {
            is_inside = name == wanted;
            last = None;
            if is_inside {
                settings.get_or_insert_with(Map::new);
            }
            continue;
        }
        let Some(settings) = settings.as_mut().filter(|_| is_inside) else {
            continue;
        };
        match (
            is_indented,
            last.as_ref().and_then(|name| settings.get_mut(name)),
        ) {
            (true, Some(value)) => {
                value.push('\n');
                value.push_str(said);
            }
            _ => last = setting(said, settings),
        }
    }
    settings
}

fn heading(line: &str) -> Option<&str> {
    line.strip_prefix('[')?.strip_suffix(']')
}

/// Takes `name = value` or `name: value`, and gives the name.
fn setting(line: &str, settings: &mut Map<String, String>) -> Option<String> {
    let (name, value) = line.split_once(['=', ':'])?;
    let name = name.trim().to_lowercase();
    settings.insert(name.clone(), value.trim().to_owned());
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::section;

    const TEXT: &str = "
# a comment
[app:main]
use = egg:pypicloud
pypi.db = dynamo
DB.Namespace: prod-
db.tablenames =
    Files
    ; not this
    Names
db.url = redis://h:1/2?a=b
[server:main]
port = 6543
";

    #[test]
    fn settings_are_read_as_python_reads_them() {
        let settings = section(TEXT, "app:main").unwrap();
        let get = |name: &str| settings.get(name).map(String::as_str);
        assert_eq!(get("pypi.db"), Some("dynamo"));
        assert_eq!(get("db.namespace"), Some("prod-"));
        assert_eq!(get("db.tablenames"), Some("\nFiles\nNames"));
        assert_eq!(get("db.url"), Some("redis://h:1/2?a=b"));
        assert_eq!(get("use"), Some("egg:pypicloud"));
        assert_eq!(get("port"), None);
        assert!(section(TEXT, "app:other").is_none());
        assert!(section("[a]\n", "a").unwrap().is_empty());
    }

    #[test]
    fn a_line_that_says_nothing_changes_nothing() {
        let settings = section("[a]\nx = 1\nnothing\n  more\n", "a").unwrap();
        assert_eq!(settings.get("x").map(String::as_str), Some("1"));
        assert_eq!(settings.len(), 1);
    }
}
