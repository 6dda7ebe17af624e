//! Rule files in the language of [Guard](https://docs.aws.amazon.com/cfn-guard/latest/ug/what-is-guard.html).

use std::path::{Path, PathBuf};

use validate_engine::guard::resolve_guard_config;
use validate_engine::{ExternalRuleSource, GuardRuleSet};
use validate_model::SemanticModel;

use crate::cli::aws::engine::{Failure, Outcome, Template, Told, guarded};
use crate::cli::findings::plural;
use crate::cli::stop::Stop;

const WRITING: &str = "https://docs.aws.amazon.com/cfn-guard/latest/ug/writing-rules.html";

/// Rule files, each parsed by itself.
pub(super) struct Files(Vec<File>);

struct File {
    name: String,
    rules: GuardRuleSet,
}

impl Files {
    /// Reads files, and all rule files below folders. All that cannot be parsed are told in one go.
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self, Stop> {
        let (mut files, mut broken) = (Vec::new(), Vec::new());
        for path in paths {
            for source in sources(path)? {
                match parse(source) {
                    Ok(file) => files.push(file),
                    Err(why) => broken.push(why),
                }
            }
        }
        if broken.is_empty() {
            return Ok(Self(files));
        }
        let message = match &broken[..] {
            [only] => only.clone(),
            all => format!(
                "{}:\n  {}",
                plural(all.len(), "broken rule file"),
                all.join("\n  ")
            ),
        };
        Err(Stop::cannot(
            message,
            format!("a rule file is in the language of Guard: see {WRITING}"),
        ))
    }

    /// How many rules there are.
    pub(super) fn len(&self) -> usize {
        self.0
            .iter()
            .map(|file| file.rules.rule_metadata().len())
            .sum()
    }

    /// What the rules find in a template. One that cannot be evaluated stops only its own file.
    pub(super) fn look(&self, template: &Template) -> Outcome {
        let mut outcome = Outcome::default();
        if self.0.is_empty() {
            return outcome;
        }
        let model = match guarded(|| SemanticModel::from_bytes(template.text.as_bytes())) {
            Ok(Ok(model)) => model,
            // The engine tells of the template itself.
            Ok(Err(_)) => return outcome,
            Err(panic) => return Outcome::failed(Failure::of_engine(&panic)),
        };
        for File { name, rules } in &self.0 {
            let told = guarded(|| rules.evaluate(&model).map_err(|error| error.to_string()));
            match told.and_then(|told| told) {
                Ok(told) => {
                    let told = told.into_iter().map(|found| split(found.into()));
                    outcome.told.extend(told);
                }
                Err(why) => outcome.failures.push(Failure::of_file(name, &why)),
            }
        }
        outcome
    }
}

/// The message of a rule's author on one line, its remedy as help: AWS's files say `Violation: .. Fix: ..`.
pub(super) fn split(mut told: Told) -> Told {
    let words: Vec<&str> = told.message.split_whitespace().collect();
    let message = words.join(" ");
    let (what, remedy) = message.split_once("Fix:").unwrap_or((&message, ""));
    if !remedy.is_empty() {
        told.help = remedy.trim().to_owned();
    }
    what.replacen("Violation: ", "", 1)
        .trim()
        .clone_into(&mut told.message);
    told
}

/// The rule files that a path stands for: at least one.
fn sources(path: &Path) -> Result<Vec<ExternalRuleSource>, Stop> {
    let help = "`--rules` takes files in the language of Guard, and folders with `.guard` files";
    if !path.exists() {
        let message = format!("there is no rule file {}", path.display());
        return Err(Stop::cannot(message, help));
    }
    let found = resolve_guard_config(&[path.to_string_lossy().into_owned()]);
    found.map_err(|why| Stop::cannot(why, help))
}

fn parse(source: ExternalRuleSource) -> Result<File, String> {
    let (name, content) = (source.name.clone(), source.content.clone());
    let parsed = guarded(|| GuardRuleSet::compile(&[source]));
    match parsed.and_then(|parsed| parsed) {
        Ok(Some(rules)) if !rules.rule_metadata().is_empty() => Ok(File { name, rules }),
        Ok(_) => Err(format!(
            "{name}: no rule in it, expected `rule NAME {{ .. }}`"
        )),
        Err(why) => Err(broken(&name, &content, &why)),
    }
}

/// `FILE:LINE:COLUMN: ..` with the line, out of the parser's `.. at line L at column C, when handling ..`. The parser says
/// where the block begins that it cannot read, not where in it.
fn broken(name: &str, content: &str, why: &str) -> String {
    let Some((line, rest)) = number_after(why, " at line ") else {
        return format!("{name}: {why}");
    };
    let (column, _) = number_after(rest, " at column ").unwrap_or((1, rest));
    let got = content
        .lines()
        .nth(line.saturating_sub(1))
        .unwrap_or_default();
    let got = got.trim();
    if got.is_empty() {
        return format!("{name}:{line}:{column}: the rule ends too early");
    }
    format!("{name}:{line}:{column}: Guard cannot read what begins here: `{got}`")
}

/// The number behind a mark, and what follows it.
fn number_after<'a>(text: &'a str, mark: &str) -> Option<(usize, &'a str)> {
    let (_, rest) = text.split_once(mark)?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    Some((rest[..end].parse().ok()?, &rest[end..]))
}
