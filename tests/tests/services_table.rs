//! The table of services in `docs/services.md` is what the code says: its settings with their defaults, its grants with their
//! actions, its metrics, alarms and imports. `UPDATE_SERVICES=1` writes it anew.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;

use cloudwright::iam::{GRANTS, KeyUse};
use tests::examples::repository;

/// The file, and where the services are.
const TABLE: &str = "docs/services.md";
const SOURCES: &str = "constructs/src";
/// Modules that are no service.
const OTHERS: [&str; 6] = [
    "acknowledge",
    "checks",
    "cli",
    "defaults",
    "patterns",
    "testing",
];
const HEAD: &str = "# Services

What the construct library says about each service, read from its source by `tests/tests/services_table.rs`; do not edit it by
hand. Every setting is in use in `tests/tests/with_services`, whose templates cfn-lint accepts. A default is named where the
setting's documentation says what holds unless it is said.
";

/// What is read of a service.
#[derive(Default)]
struct Service {
    /// The default of each setting, where its documentation says one.
    settings: BTreeMap<String, String>,
    metrics: Vec<String>,
    alarms: Vec<String>,
    imports: Vec<String>,
}

/// The documentation of each public function, with its signature from the name on.
fn functions(text: &str) -> Vec<(String, String)> {
    let (mut found, mut documentation) = (Vec::new(), String::new());
    let mut lines = text.lines().map(str::trim_start).peekable();
    while let Some(line) = lines.next() {
        if let Some(words) = line.strip_prefix("///") {
            documentation.push_str(words.trim());
            documentation.push(' ');
            continue;
        }
        let rest = line
            .strip_prefix("pub const fn ")
            .or_else(|| line.strip_prefix("pub fn "));
        if let Some(rest) = rest {
            let mut signature = rest.to_owned();
            while !signature.contains('{')
                && let Some(more) = lines.next()
            {
                signature.push_str(more.trim());
                signature.push(' ');
            }
            found.push((std::mem::take(&mut documentation), signature));
        }
        if !line.starts_with("#[") {
            documentation.clear();
        }
    }
    found
}

/// What the documentation of a setting says that holds unless it is said.
fn default_of(documentation: &str) -> String {
    let documentation = documentation.replace([';', ':'], ". ");
    let sentences = documentation.split(". ").map(str::trim);
    let sentences = sentences.map(|sentence| sentence.trim_end_matches('.'));
    let mut said = sentences.filter(|sentence| sentence.to_lowercase().contains("unless said"));
    let sentence = said.next().unwrap_or_default();
    let short = sentence.rsplit(", ").next().unwrap_or_default();
    let points_back = short.starts_with("and that") || short.to_lowercase().starts_with("unless");
    let whole = if points_back { sentence } else { short };
    whole
        .replace(" unless said", "")
        .trim_start_matches("and ")
        .to_owned()
}

impl Service {
    fn read(&mut self, text: &str) {
        // Settings that a macro gives several kinds are read as those of one.
        for (documentation, signature) in functions(text) {
            let name = signature
                .split(['(', '<'])
                .next()
                .unwrap_or_default()
                .to_owned();
            let arguments = signature.split_once('(').map_or("", |(_, rest)| rest);
            let takes_itself = arguments.starts_with("mut self") || arguments.starts_with("self");
            let gives_itself = signature.contains("-> Self");
            if takes_itself && gives_itself {
                self.settings
                    .entry(name)
                    .or_insert_with(|| default_of(&documentation));
            } else if name == "metric" || name.starts_with("metric_") {
                self.metrics.push(name);
            } else if name.starts_with("alarm_") {
                self.alarms.push(name);
            } else if name.starts_with("import") {
                let what = signature.rsplit("-> ").next().unwrap_or_default();
                let what = what.split(['{', ' ', '<']).next().unwrap_or_default();
                self.imports.push(
                    what.trim_end_matches("Of")
                        .trim_end_matches("Ref")
                        .to_owned(),
                );
            }
        }
    }

    fn write(mut self, name: &str, out: &mut String) {
        let list = |names: &mut Vec<String>| {
            names.sort();
            names.dedup();
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            if names.is_empty() {
                "none".to_owned()
            } else {
                names.join(", ")
            }
        };
        let _ = writeln!(out, "\n## {name}\n");
        let _ = writeln!(out, "- Imports: {}", list(&mut self.imports));
        let _ = writeln!(out, "- Metrics: {}", list(&mut self.metrics));
        let _ = writeln!(out, "- Alarms in one call: {}", list(&mut self.alarms));
        let rows: Vec<_> = GRANTS.iter().filter(|row| row.service == name).collect();
        if !rows.is_empty() {
            let _ = writeln!(out, "\n| grant | actions | of its key |\n|---|---|---|");
        }
        for row in rows {
            let actions = [row.on_itself, row.on_content, row.on_everything].concat();
            let actions: Vec<_> = actions.iter().map(|action| format!("`{action}`")).collect();
            let key = match row.key {
                KeyUse::DataKeys => "data keys".to_owned(),
                other => format!("{other:?}").to_lowercase(),
            };
            let _ = writeln!(
                out,
                "| `grant_{}` | {} | {key} |",
                row.name,
                actions.join(" ")
            );
        }
        let _ = writeln!(out, "\n| setting | unless said |\n|---|---|");
        for (setting, default) in &self.settings {
            let _ = writeln!(out, "| `{setting}` | {} |", default.replace('|', "\\|"));
        }
    }
}

/// The table as the code has it.
fn table() -> String {
    let mut out = HEAD.to_owned();
    let folders = fs::read_dir(repository().join(SOURCES)).unwrap();
    let mut folders: Vec<_> = folders.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if OTHERS.contains(&name.as_str()) {
            continue;
        }
        let mut files: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        let mut service = Service::default();
        for file in files.iter().filter(|file| file.is_file()) {
            service.read(&fs::read_to_string(file).unwrap());
        }
        service.write(&name, &mut out);
    }
    out
}

#[test]
fn the_table_of_services_is_what_the_code_says() {
    let (file, table) = (repository().join(TABLE), table());
    if env::var_os("UPDATE_SERVICES").is_some() {
        fs::write(&file, &table).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == table,
        "{TABLE} is not what the code says: run this test with UPDATE_SERVICES=1, and read the difference"
    );
}

#[test]
fn every_grant_is_in_the_table_and_each_service_has_settings() {
    let table = table();
    for row in GRANTS {
        let section = table.split(&format!("\n## {}\n", row.service)).nth(1);
        let section = section.unwrap_or_else(|| panic!("no section {}", row.service));
        let section = section.split("\n## ").next().unwrap();
        assert!(
            section.contains(&format!("| `grant_{}` |", row.name)),
            "{} {}",
            row.service,
            row.name
        );
    }
    for section in table.split("\n## ").skip(1) {
        let settings = section
            .split("| setting |")
            .nth(1)
            .unwrap()
            .lines()
            .skip(2)
            .count();
        assert!(settings > 3, "{section}");
    }
}

#[test]
fn a_default_is_read_from_the_words_of_a_setting() {
    for (documentation, default) in [
        (
            "Memory, 128 to 10,240 MiB, and 256 unless said. More costs more.",
            "256",
        ),
        ("How it is; `STANDARD` unless said.", "`STANDARD`"),
        ("Says what it is for.", ""),
    ] {
        assert_eq!(default_of(documentation), default);
    }
}
