//! Developer commands: `cargo xtask <test|bench|spec|tidy>`.

fn main() {}
