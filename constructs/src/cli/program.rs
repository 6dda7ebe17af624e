//! The user's program, run when a verb needs its templates.

use std::mem::ManuallyDrop;

use cloudwright_synth::Assembly;

use crate::app::App;
use crate::cli::Build;
use crate::cli::stop::Stop;

/// A program that has not run yet.
pub(crate) struct Program<'a> {
    app: App,
    build: Build<'a>,
    context: Vec<(String, String)>,
    /// Whether warnings stand in the way like errors.
    deny_warnings: bool,
    /// Whether the program's list of resources that hold data is to be written anew.
    relists: bool,
}

impl<'a> Program<'a> {
    pub(crate) const fn new(
        app: App,
        build: Build<'a>,
        context: Vec<(String, String)>,
        deny_warnings: bool,
    ) -> Self {
        Self {
            app,
            build,
            context,
            deny_warnings,
            relists: false,
        }
    }

    /// The context values of the command line.
    #[cfg(feature = "review")]
    pub(crate) fn context(&self) -> &[(String, String)] {
        &self.context
    }

    /// Leaves out the program's list of the resources that hold data, however outdated it is.
    pub(crate) const fn forget_stateful_ids(&mut self) {
        self.relists = true;
    }

    /// Adds context values; those of the command line win over them.
    pub(crate) fn add_context(&mut self, mut values: Vec<(String, String)>) {
        values.append(&mut self.context);
        self.context = values;
    }

    /// Has literals checked by the patterns that need a regular expression engine.
    #[cfg(feature = "full")]
    #[allow(clippy::unnecessary_wraps, reason = "without the feature it fails")]
    pub(crate) fn check_every_pattern(&self) -> Result<(), Stop> {
        self.app.check_every_pattern();
        Ok(())
    }

    /// Tells that this program has no regular expression engine.
    #[cfg(not(feature = "full"))]
    #[allow(clippy::unused_self, reason = "with the feature it is used")]
    pub(crate) fn check_every_pattern(&self) -> Result<(), Stop> {
        Err(Stop::usage(
            "this program was built without a regular expression engine, which `--full` needs",
            "turn on the feature: `cargo add cloudwright --features full`",
        ))
    }

    /// Runs the program and turns its constructs into templates, in memory.
    ///
    /// The process ends soon after, so the assembly is never freed: value by value, that would take
    /// a tenth of the whole run.
    pub(crate) fn synthesize(self) -> Result<ManuallyDrop<Assembly>, Stop> {
        let denies_warnings = self.denies_warnings();
        let assembly = self.synthesize_unjudged()?;
        if denies_warnings && !assembly.warnings().is_empty() {
            return Err(Stop::Denied(assembly.warnings().clone()));
        }
        Ok(assembly)
    }

    /// Whether warnings stand in the way like errors.
    pub(crate) const fn denies_warnings(&self) -> bool {
        self.deny_warnings
    }

    /// As [`synthesize`](Self::synthesize), for a verb that finds more and judges its warnings itself.
    pub(crate) fn synthesize_unjudged(self) -> Result<ManuallyDrop<Assembly>, Stop> {
        for (key, value) in self.context {
            self.app.override_context(key, value);
        }
        (self.build)(&self.app).map_err(Stop::Program)?;
        if self.relists {
            self.app.forget_stateful_ids();
        }
        let assembly = self.app.synth().map_err(Stop::Findings)?;
        Ok(ManuallyDrop::new(assembly))
    }
}

/// Refuses a program that describes nothing: most likely a forgotten line.
pub(crate) fn require_stacks(assembly: &Assembly) -> Result<(), Stop> {
    if assembly.all_stacks().is_empty() {
        return Err(Stop::Empty);
    }
    Ok(())
}
