//! The app: the engine's, with the checks of the library.

use std::ops::Deref;

use cloudwright_synth::{Assembly, Diagnostics};

use crate::checks;

/// Everything that one program describes: an [app of the engine](cloudwright_synth::App), whose
/// templates are checked by all that the library knows of AWS.
///
/// ```
/// use cloudwright::prelude::*;
/// let app = App::new();
/// let stack = app.stack("Mail", Environment::new("123456789012", "eu-central-1"));
/// stack.add("Inbox", sqs::Queue::new());
/// let assembly = app.synth()?;
/// assert!(assembly.warnings().is_empty());
/// # Ok::<(), cloudwright::Diagnostics>(())
/// ```
pub struct App(cloudwright_synth::App);

impl App {
    /// An empty app.
    #[must_use]
    #[track_caller]
    #[allow(
        clippy::new_without_default,
        reason = "an app remembers the line that made it"
    )]
    pub fn new() -> Self {
        let app = cloudwright_synth::App::new();
        checks::add_to(&app);
        Self(app)
    }

    /// An app of the engine alone, to measure what the checks take.
    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub fn without_checks() -> Self {
        Self(cloudwright_synth::App::new())
    }

    /// Turns the tree into templates. All phases run whatever is found, so that every mistake of
    /// the program comes back in one go.
    ///
    /// # Errors
    /// All findings, when at least one of them is an error. Warnings alone come with the
    /// [`Assembly`].
    pub fn synth(self) -> Result<Assembly, Diagnostics> {
        self.0.synth()
    }
}

impl Deref for App {
    type Target = cloudwright_synth::App;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}
