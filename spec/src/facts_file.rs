//! The version of an assembly's `facts.json`: one for synthesis, which writes it, and for all who read it.

/// The version that is written, and the only one that is read: the same words may mean something else in another.
pub const VERSION: u64 = 1;

/// What is wrong with a file of the version that it says, as JSON, and what to do; nothing about the one that is read.
#[must_use]
pub fn mistake(file: &str, version: Option<&str>) -> Option<(String, &'static str)> {
    let found = match version {
        Some(version) if version == VERSION.to_string() => return None,
        Some(version) => format!("is of version {version}"),
        None => "says no version".to_owned(),
    };
    Some((
        format!("{file} {found}, expected {VERSION}"),
        "write it by `synth` with the same version of cloudwright as this program",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_version_that_is_written_is_read() {
        assert_eq!(mistake("facts.json", Some(&VERSION.to_string())), None);
        for (version, said) in [
            (Some("2"), "facts.json is of version 2, expected 1"),
            (Some("\"1\""), "facts.json is of version \"1\", expected 1"),
            (None, "facts.json says no version, expected 1"),
        ] {
            let (message, help) = mistake("facts.json", version).unwrap();
            assert_eq!(message, said);
            assert!(help.contains("`synth`"), "{help}");
        }
    }
}
