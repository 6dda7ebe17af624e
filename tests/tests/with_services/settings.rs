//! The settings of a service, read from its source: public functions that take a value and give it
//! back changed, and grants.

use std::fs;
use std::path::Path;

/// Settings of `service` that `program` does not call.
pub fn unused(service: &str, program: &str) -> Vec<String> {
    let settings = settings(service);
    assert!(settings.len() > 3, "{service} has settings: {settings:?}");
    let is_used = |setting: &String| program.contains(&format!(".{setting}("));
    let unused = settings.into_iter().filter(|setting| !is_used(setting));
    unused.map(|name| format!("{service}: .{name}()")).collect()
}

fn settings(service: &str) -> Vec<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../constructs/src");
    let files = fs::read_dir(sources.join(service)).expect("the service has a folder of its name");
    let mut settings = Vec::new();
    // A folder in it is a service of its own.
    let files = files.map(|file| file.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        let text = fs::read_to_string(file).unwrap();
        settings.extend(signatures(&text).filter_map(setting));
    }
    settings.sort();
    settings.dedup();
    settings
}

/// The signatures of public functions, from their names on.
fn signatures(text: &str) -> impl Iterator<Item = &str> {
    let functions = text.split("\n    pub ").skip(1);
    functions.filter_map(|rest| {
        let rest = rest.strip_prefix("const ").unwrap_or(rest);
        let signature = rest.strip_prefix("fn ")?;
        Some(signature.split_once('{')?.0)
    })
}

/// The name of a function that is a setting.
fn setting(signature: &str) -> Option<String> {
    let name = signature.split(['(', '<']).next()?.to_owned();
    let takes_itself = signature.contains("(mut self") || signature.contains("mut self,");
    let takes_itself = takes_itself || signature.contains("(self,") || signature.contains("(self)");
    let is_setting = takes_itself && signature.trim_end().ends_with("-> Self");
    (is_setting || name.starts_with("grant_")).then_some(name)
}

#[test]
fn settings_are_told_from_other_functions() {
    let source = "
    pub fn new() -> Self {
    pub const fn versioned(mut self) -> Self {
    pub fn vpc(
        mut self,
        subnets: u8,
    ) -> Self {
    pub fn layer<T>(mut self, layer: T) -> Self {
    pub const fn name(self) -> &'static str {
    pub fn grant_read(&self) -> &Self {
    pub(crate) fn hidden(mut self) -> Self {
    fn private(mut self) -> Self {
";
    let found: Vec<_> = signatures(source).filter_map(setting).collect();
    assert_eq!(found, ["versioned", "vpc", "layer", "grant_read"]);
}
