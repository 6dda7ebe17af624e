//! Names that Rust keeps for itself.

/// Keywords that a raw identifier (`r#type`) frees.
const RAW: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Words that even a raw identifier cannot be.
const NEVER: &[&str] = &["self", "super", "crate", "_"];

/// The identifier for a name in snake case: `r#type`, `self_`.
pub fn identifier(name: String) -> String {
    if RAW.contains(&name.as_str()) {
        format!("r#{name}")
    } else if NEVER.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn keywords_are_raw_where_rust_allows_it() {
        assert_eq!(identifier("type".into()), "r#type");
        assert_eq!(identifier("match".into()), "r#match");
        assert_eq!(identifier("gen".into()), "r#gen");
        assert_eq!(identifier("self".into()), "self_");
        assert_eq!(identifier("crate".into()), "crate_");
        assert_eq!(identifier("types".into()), "types");
    }
}
