//! The two streams during a run: what was asked for, and what a person should know.

use std::io;
use std::path::{Path, PathBuf};

use cloudwright_synth::{Diagnostics, in_order};
use serde_json::Value;

use crate::cli::arguments::Request;
use crate::cli::color::{self, Paint, styled};
use crate::cli::findings;
use crate::cli::session::Session;
use crate::cli::stop::Stop;

/// Where verbs write. A stream that was closed early takes no more; that is no error.
pub(crate) struct Console<'a> {
    session: Session<'a>,
    /// The colours of standard output.
    pub(crate) paint: Paint,
    /// The colours of standard error.
    pub(crate) notes: Paint,
    /// Whether results are wanted as JSON.
    pub(crate) json: bool,
    /// Whether only results and problems are wanted.
    pub(crate) quiet: bool,
    failed: Option<io::Error>,
    #[cfg(feature = "bundle")]
    silence: io::Sink,
}

impl<'a> Console<'a> {
    pub(crate) fn new(session: Session<'a>) -> Self {
        let (paint, notes) = color::choose(&session);
        Self {
            session,
            paint,
            notes,
            json: false,
            quiet: false,
            failed: None,
            #[cfg(feature = "bundle")]
            silence: io::sink(),
        }
    }

    /// The name of the running program.
    #[cfg(any(feature = "deploy", feature = "review"))]
    pub(crate) fn program(&self) -> String {
        crate::cli::arguments::program_name(&self.session.arguments)
    }

    pub(crate) fn configure(&mut self, request: &Request) {
        self.json = request.json;
        self.quiet = request.quiet;
    }

    /// Writes to standard output, as it is.
    pub(crate) fn print(&mut self, text: &str) {
        if self.failed.is_none() {
            self.failed = self.session.out.writer.write_all(text.as_bytes()).err();
        }
    }

    /// Writes a JSON document to standard output.
    pub(crate) fn print_json(&mut self, document: &Value) {
        let document = in_order(document.clone());
        self.print(&format!("{document:#}\n"));
    }

    /// Writes lines to standard error. There is nowhere to report that this failed.
    pub(crate) fn note(&mut self, text: &str) {
        let _ = writeln!(self.session.err.writer, "{text}");
    }

    /// Shows warnings, unless they are part of a JSON document.
    pub(crate) fn warnings(&mut self, warnings: &Diagnostics) {
        if !self.json && !warnings.is_empty() {
            let text = findings::text(warnings, self.notes);
            self.note(&format!("{text}\n"));
        }
    }

    /// Tells why a verb had to stop.
    pub(crate) fn stop(&mut self, stop: &Stop) {
        if let Stop::Shown(text) = stop {
            let text = styled(text, self.paint);
            // A version comes without the end of its line.
            return self.print(&format!("{}\n", text.trim_end_matches('\n')));
        }
        match stop.json().filter(|_| self.json) {
            Some(document) => self.print_json(&document),
            None => {
                let text = stop.text(self.notes);
                self.note(&text);
            }
        }
    }

    /// Where a path that was given on the command line leads.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.session.folder.join(path)
    }

    /// Where progress goes: standard error, or nowhere when only results are wanted.
    #[cfg(feature = "bundle")]
    pub(crate) fn log(&mut self) -> &mut dyn io::Write {
        if self.quiet {
            &mut self.silence
        } else {
            self.session.err.writer
        }
    }

    /// Whether standard error is a terminal.
    #[cfg(feature = "deploy")]
    pub(crate) const fn is_terminal(&self) -> bool {
        self.session.err.terminal
    }

    /// Whether there is a person to ask.
    #[cfg(feature = "deploy")]
    pub(crate) fn is_interactive(&self) -> bool {
        self.is_terminal() && io::IsTerminal::is_terminal(&io::stdin())
    }

    /// The two streams, for a verb that goes on by itself.
    #[cfg(feature = "deploy")]
    pub(crate) fn streams(&mut self) -> cloudwright_deploy::cli::Writers<'_> {
        cloudwright_deploy::cli::Writers::new(self.session.out.writer, self.session.err.writer)
    }

    /// Looks up environment variables.
    #[cfg(feature = "bundle")]
    pub(crate) fn variables(&self) -> &'a dyn Fn(&str) -> Option<String> {
        self.session.variable
    }

    /// The value of an environment variable.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (self.session.variable)(name)
    }

    /// The exit code, once everything that was written has reached its reader.
    pub(crate) fn finish(mut self, code: u8) -> u8 {
        let flushed = self.session.out.writer.flush();
        let failed = self.failed.take().or(flushed.err());
        match failed.filter(|why| why.kind() != io::ErrorKind::BrokenPipe) {
            Some(why) => {
                let stop = Stop::cannot(
                    format!("cannot write to standard output: {why}"),
                    "free space on the disk, or write elsewhere",
                );
                self.note(&stop.text(self.notes));
                stop.exit_code()
            }
            None => code,
        }
    }
}
