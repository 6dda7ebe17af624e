//! AWS's engine over one template.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use validate_cel::CelEngine;
use validate_diagnostics as diagnostics;
use validate_engine::{EngineConfig, ValidateConfig, panic_message, validate_bytes_with_path};
use validate_rules::Severity;
use validate_schemas::SchemaValidator;

/// The release that the workspace pins: a test holds it against the engine's own word.
pub(super) const RELEASE: &str = "cloudformation-validate 1.14.0";

/// The schemas of all resource types, and the rules. It takes a while to start and little to use.
pub(super) struct Engine {
    schemas: SchemaValidator,
    rules: CelEngine,
}

/// A finished template, and what is known of where it goes.
pub(super) struct Template {
    pub(super) text: String,
    pub(super) account: Option<String>,
    pub(super) region: Option<String>,
}

/// What a look at a template gave.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) told: Vec<Told>,
    /// Why there may be more than was told.
    pub(super) failures: Vec<Failure>,
}

/// A check that could not be made, or not to its end.
#[derive(Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) message: String,
    pub(super) help: String,
}

/// A finding about a template.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    /// The rule, such as `E3012`, or the name of a rule of Guard.
    pub(super) code: String,
    pub(super) is_guard: bool,
    pub(super) is_error: bool,
    pub(super) message: String,
    pub(super) help: String,
    /// The logical id that it is about.
    pub(super) id: Option<String>,
}

impl Engine {
    /// Starts the engine: both halves at once, since either takes a quarter of a second.
    pub(super) fn start() -> Result<Self, String> {
        let schemas = thread::spawn(SchemaValidator::default);
        let rules = guarded(|| CelEngine::new(EngineConfig::default()))?;
        let schemas = schemas.join();
        Ok(Self {
            schemas: schemas.map_err(|panic| panic_message(&*panic))?,
            rules: rules.map_err(|error| error.to_string())?,
        })
    }

    /// What the engine finds in a template, information left out.
    pub(super) fn look(&self, template: &Template) -> Outcome {
        let mut config = ValidateConfig {
            severity_level: Severity::Warn,
            ..ValidateConfig::default()
        };
        config.pseudo_parameter_overrides.account_id = template.account.clone();
        config.pseudo_parameter_overrides.region = template.region.clone();
        let text = template.text.as_bytes();
        // The engine catches its own panics; what it is called through is guarded as well.
        let report = guarded(|| {
            validate_bytes_with_path(&self.rules, &self.schemas, text, config, String::new())
        });
        let report = match report {
            Ok(Ok(report)) => report,
            Ok(Err(error)) => return Outcome::failed(Failure::of_engine(&error.to_string())),
            Err(panic) => return Outcome::failed(Failure::of_engine(&panic)),
        };
        let given_up = report.metadata.budget_exhaustions.unwrap_or_default();
        let given_up = given_up.iter().filter(|budget| budget.analysis_incomplete);
        Outcome {
            failures: given_up
                .map(|budget| Failure::of_engine(&budget.description))
                .collect(),
            told: report.diagnostics.into_iter().map(Told::from).collect(),
        }
    }
}

impl Failure {
    /// The engine failed: a bug of it.
    pub(super) fn of_engine(why: &str) -> Self {
        Self {
            message: format!("AWS's engine could not check this stack to the end: {why}"),
            help: "this is a mistake in cloudformation-validate, not in the program, and all else was checked: tell its authors"
                .to_owned(),
        }
    }

    /// The evaluation of a rule file failed: a bug of the file.
    pub(super) fn of_file(name: &str, why: &str) -> Self {
        Self {
            message: format!("the rules of {name} could not be asked: {why}"),
            help:
                "this is a mistake in the rule file, not in the program, and all else was checked"
                    .to_owned(),
        }
    }
}

impl Outcome {
    pub(super) fn failed(failure: Failure) -> Self {
        Self {
            told: Vec::new(),
            failures: vec![failure],
        }
    }
}

impl From<diagnostics::Diagnostic> for Told {
    fn from(found: diagnostics::Diagnostic) -> Self {
        let place = found
            .property_path
            .filter(|path| path.starts_with("Properties."));
        let message = match place {
            Some(path) if !found.message.contains(&path) => format!("`{path}`: {}", found.message),
            _ => found.message,
        };
        let page = found.documentation_url.map(|page| format!("see {page}"));
        let help: Vec<String> = found.suggested_fix.into_iter().chain(page).collect();
        Self {
            code: found.rule_id,
            is_guard: found.source == validate_rules::RuleOrigin::Guard,
            is_error: found.severity >= Severity::Error,
            message,
            help: help.join("; "),
            id: found.entity.map(|entity| entity.logical_id),
        }
    }
}

/// Calls what may panic, and gives the text of the panic.
pub(super) fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| panic_message(&*panic))
}
