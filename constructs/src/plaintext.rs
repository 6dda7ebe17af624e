//! Which literals look like secrets.

/// Ends of names whose literal value can only be a secret.
const SECRET_NAMES: [&str; 8] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "SECRET_KEY",
    "SECRET_ACCESS_KEY",
    "PRIVATE_KEY",
    "API_KEY",
    "AUTH_TOKEN",
];

/// What kind of secret a literal value looks like.
pub(crate) fn secret(name: &str, text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(is_key_id)
    {
        return Some("the id of an AWS access key");
    }
    says_secret(name, text).then_some("what its name calls a secret")
}

/// Whether a literal value is what its name calls a secret, and not a pointer to one.
pub(crate) fn says_secret(name: &str, text: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let is_pointer = text.is_empty()
        || text.starts_with("arn:")
        || text.starts_with('/')
        || text.contains("{{resolve:");
    !is_pointer && SECRET_NAMES.iter().any(|end| name.ends_with(end))
}

fn is_key_id(word: &str) -> bool {
    word.len() == 20
        && (word.starts_with("AKIA") || word.starts_with("ASIA"))
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::secret;

    #[test]
    fn secrets_are_told_from_pointers_to_them() {
        let id = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
        assert!(secret("KEY", &id).is_some());
        assert!(secret("DB_PASSWORD", "hunter2").is_some());
        assert!(secret("db_password", "hunter2").is_some());
        for (name, text) in [
            (
                "DB_SECRET",
                "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db",
            ),
            (
                "DB_PASSWORD",
                "{{resolve:secretsmanager:db:SecretString:password}}",
            ),
            ("DB_PASSWORD", "/app/db/password"),
            ("PASSWORD_LENGTH", "12"),
            ("REGION", "eu-central-1"),
        ] {
            assert!(secret(name, text).is_none(), "{name}");
        }
    }
}
