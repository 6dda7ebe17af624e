//! What a file's name says about the package in it, by pypicloud's rules.
//!
//! A pypicloud server finds the name and the version of a package itself where an upload does not say
//! them. This finds the same, quirks included, or both would write different things into one index;
//! only what pypicloud fails on is no package here.

/// The endings of the files that are packages. Case counts.
const ENDINGS: [&str; 9] = [
    ".tar.gz", ".tar.bz2", ".tar", ".zip", ".tgz", ".tbz", ".egg", ".exe", ".whl",
];

/// Name and version of the package in a file; the name as it stands there. `None` if it is no
/// package.
pub(super) fn parse(file: &str) -> Option<(String, String)> {
    let ending = ENDINGS.iter().find(|ending| file.ends_with(**ending))?;
    match *ending {
        ".whl" => wheel(file),
        _ => archive(&file[..file.len() - ending.len()]),
    }
}

/// A name as all of Python compares it: runs of `-`, `_` and `.` are one `-`, all in lower case
/// ([names](https://packaging.python.org/en/latest/specifications/name-normalization/)).
pub(super) fn normalized(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if normalized.ends_with('-') => {}
            '-' | '_' | '.' => normalized.push('-'),
            other => normalized.extend(other.to_lowercase()),
        }
    }
    normalized
}

/// What is no wheel, without its ending.
fn archive(stem: &str) -> Option<(String, String)> {
    let stem = unquoted(stem).replace(' ', "-");
    let stem = without_python(&stem);
    // The longest name after which a version can begin: a part that begins with a digit is the
    // version, and without one the last part is.
    let ends = name_ends(stem);
    let version = |end: usize| {
        let rest = stem[end..].strip_prefix('-')?;
        let length = rest.find(|letter| !is_of_version(letter));
        Some(&rest[..length.unwrap_or(rest.len())]).filter(|version| !version.is_empty())
    };
    let found = ends.iter().rev();
    let (end, version) = found
        .filter_map(|end| Some((*end, version(*end)?)))
        .next()?;
    Some((stem[..end].to_owned(), version.to_owned()))
}

/// Every place at which the name may end, the first part's end first.
fn name_ends(stem: &str) -> Vec<usize> {
    let run = |from: usize| {
        let length = stem[from..].find(|letter| !is_of_word(letter));
        length.map_or(stem.len(), |length| from + length)
    };
    let mut ends = Vec::new();
    let mut end = run(0);
    if end == 0 {
        return ends;
    }
    loop {
        ends.push(end);
        let goes_on = |rest: &str| {
            let mut letters = rest.chars();
            let begins_part = matches!(letters.next(), Some('.' | '-'));
            begins_part
                && letters
                    .next()
                    .is_some_and(|letter| is_letter(letter) || letter == '_')
        };
        if !goes_on(&stem[end..]) {
            return ends;
        }
        end = run(end + 1);
    }
}

/// A letter from `a` to `z` as Python finds one that ignores case: the dotted capital and the dotless
/// small i, the long s and the sign of kelvin are such too.
const fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphabetic() || matches!(letter, 'İ' | 'ı' | 'ſ' | '\u{212A}')
}

const fn is_of_word(letter: char) -> bool {
    is_letter(letter) || letter.is_ascii_digit() || letter == '_'
}

const fn is_of_version(letter: char) -> bool {
    is_of_word(letter) || matches!(letter, '.' | '+' | '-')
}

/// Cut before the first `-py` that a digit follows.
fn without_python(stem: &str) -> &str {
    let mut places = stem.match_indices("-py");
    let marks_python =
        |(at, _): &(usize, &str)| (stem.as_bytes().get(at + 3)).is_some_and(u8::is_ascii_digit);
    places
        .find(marks_python)
        .map_or(stem, |(at, _)| &stem[..at])
}

/// Percent-decoded; what only looks like an escape stays.
fn unquoted(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        let escaped = || u8::try_from(digit(0)? << 4 | digit(1)?).ok();
        match (first == b'%').then(escaped).flatten() {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn wheel(file: &str) -> Option<(String, String)> {
    let begins_with_digit = |part: &str| part.starts_with(|first: char| first.is_ascii_digit());
    let parts: Vec<_> = file.split('-').collect();
    let is_named = parts.first().is_some_and(|name| !name.is_empty())
        && parts
            .get(1)
            .is_some_and(|version| begins_with_digit(version));
    if !is_named {
        return None;
    }
    let found = |version: &str| Some((parts[0].to_owned(), version.to_owned()));
    // Name, version and build alone are one too, with the ending in the last of them.
    let is_short = match *parts {
        [_, _] => true,
        [_, _, build] => begins_with_digit(build),
        _ => false,
    };
    if is_short {
        return found(&parts[1].replace('_', "-"));
    }
    let (build, tags) = match *parts {
        [_, version, python, abi, platforms] => (version, [python, abi, platforms]),
        [_, _, build, python, abi, platforms] => (build, [python, abi, platforms]),
        _ => return None,
    };
    let [python, abi, platforms] = tags;
    let platforms = platforms.strip_suffix(".whl")?;
    let is_valid = begins_with_digit(build)
        && python.split('.').all(is_python_tag)
        && is_word(abi)
        && platforms.split('.').all(is_word);
    is_valid.then(|| found(parts[1])).flatten()
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && (text.chars()).all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// A word that ends in a digit, such as `py3` or `cp311`.
fn is_python_tag(text: &str) -> bool {
    is_word(text) && text.chars().count() > 1 && text.ends_with(|last: char| last.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(file: &str) -> Option<(String, String)> {
        parse(file)
    }

    #[track_caller]
    fn is(file: &str, name: &str, version: &str) {
        let expected = Some((name.to_owned(), version.to_owned()));
        assert_eq!(parsed(file), expected, "{file}");
    }

    #[test]
    fn archives() {
        is("six-1.16.0.tar.gz", "six", "1.16.0");
        is("zope.interface-5.0.zip", "zope.interface", "5.0");
        is("a-b-c-1.tgz", "a-b-c", "1");
        is(
            "Flask_Cors-3.0+local.1.tar.bz2",
            "Flask_Cors",
            "3.0+local.1",
        );
        // Without a part that begins with a digit the last one is the version.
        is("a-b-c.tbz", "a-b", "c");
        is("a.b-c.d.tar", "a.b", "c.d");
        // A digit begins the version wherever it stands after a hyphen.
        is("a-2to3-1.0.zip", "a", "2to3-1.0");
        is("pkg-1.0-py3.9.egg", "pkg", "1.0");
        is("pkg-1.0-pyramid.egg", "pkg", "1.0-pyramid");
        is("pkg-1.0-py2-py3.exe", "pkg", "1.0");
        is("my%20pkg-1.0.zip", "my-pkg", "1.0");
        is("my pkg-1.0.zip", "my-pkg", "1.0");
    }

    #[test]
    fn what_is_cut_off_silently() {
        is("pkg-1!2.0.tar.gz", "pkg", "1");
        is("pkg-1.0ü.zip", "pkg", "1.0");
        is("pkg-1.0%zz.zip", "pkg", "1.0");
    }

    #[test]
    fn wheels() {
        is("six-1.16.0-py2.py3-none-any.whl", "six", "1.16.0");
        is(
            "Flask_Cors-3.0-1-cp311-cp311-manylinux1_x86_64.manylinux2.whl",
            "Flask_Cors",
            "3.0",
        );
        is("pkg-1.0_local-py3-none-any.whl", "pkg", "1.0_local");
        // Two parts keep the ending in the version, and lose underscores.
        is("pkg-1.0_a.whl", "pkg", "1.0-a.whl");
        is("pkg-1.0-2.whl", "pkg", "1.0");
    }

    #[test]
    fn what_is_no_package() {
        for file in [
            "readme.txt",
            "pkg-1.0.tar.xz",
            "pkg-1.0.ZIP",
            "pkg-1.0.tar.gz.asc",
            "pkg.zip",
            ".zip",
            "-1.0.zip",
            "pkg-.zip",
            "pkg-1.0-py3-none-any.whl.metadata",
            "pkg.whl",
            "pkg-a.whl",
            "pkg-1.0-none-any.whl",
            "pkg-1.0-py-none-any.whl",
            "pkg-1.0-3-none-any.whl",
            "",
            "a-1-b-py3-none-any.whl",
            "a%2Bb-1.zip",
            "ü-1.0.zip",
            "-1-py3-none-any.whl",
        ] {
            assert_eq!(parsed(file), None, "{file}");
        }
    }

    #[test]
    fn names_are_compared_normalized() {
        assert_eq!(normalized("Zope.__Interface-_X"), "zope-interface-x");
        assert_eq!(normalized("-a"), "-a");
    }
}
