//! `requirements.txt`: which distributions a Python program needs.

use crate::Problem;

/// Checks that a file of requirements says exactly what is installed. The key of an asset stands
/// for its source, so what is installed may not change while the source stays.
pub(crate) fn check(text: &str) -> Result<(), Problem> {
    // A backslash goes on with the line.
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    for line in joined.lines() {
        let line = line.split(" #").next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('-') {
            let message = format!("a requirement is `name==version`, got \"{line}\"");
            let help = "write the distributions themselves into the file: `pip freeze`, \
                        `uv pip compile` and `pip-compile` do";
            return Err(Problem::new(message, help));
        }
        if !is_exact(line) {
            let message = format!("a requirement names one version, got \"{line}\"");
            let help = "pin it, and what it needs: `pip freeze`, `uv pip compile` and \
                        `pip-compile` do; else the package would not change with the file";
            return Err(Problem::new(message, help));
        }
    }
    Ok(())
}

/// `name==1.2.3`, `name[extra]===1.2.3` or `name @ https://..`, with conditions and hashes behind.
fn is_exact(line: &str) -> bool {
    let requirement = line.split([';']).next().unwrap_or_default();
    let requirement = requirement.split(" --").next().unwrap_or_default();
    if requirement.contains(" @ ") {
        return true;
    }
    let Some((name, version)) = requirement.split_once("==") else {
        return false;
    };
    let version = version.trim_start_matches('=').trim();
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.[], ".contains(c);
    !version.is_empty()
        && !version.contains(['*', ',', '<', '>', '~', '!'])
        && name.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn exact_versions_are_taken() {
        for text in [
            "",
            "# nothing\n\n",
            "requests==2.32.3",
            "requests[socks] == 2.32.3  # why",
            "a===1.0\nb==2.0 ; python_version < '3.13'",
            "a==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11",
            "a @ https://example.com/a-1.0-py3-none-any.whl",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn whatever_may_change_is_refused() {
        for text in [
            "requests",
            "requests>=2",
            "requests==2.*",
            "requests~=2.1",
            "a==1.0,<2",
            "-r other.txt",
            "-e .",
            "--index-url https://example.com",
            "a==1.0\nb",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
