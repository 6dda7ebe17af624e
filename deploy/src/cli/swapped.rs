//! Remembers on this machine which functions were swapped: a file for each stack, in the user's folder for
//! cloudwright.

use std::env;
use std::fs;
use std::io;
use std::path::PathBuf;

use cloudwright_bundle::checkout;
use serde_json::{Value, json};

use super::whole;
use crate::cloud::Cloud;
use crate::problem::Problem;
use crate::stack::hotswap::{Memory, Swapped as Settings};
use crate::token::sha256;

/// The file of one stack.
pub(super) struct Swapped {
    file: PathBuf,
    stack: String,
}

impl Swapped {
    /// The file of a stack of this name; `None` where there is no home folder, and so no memory. `place` tells AWS
    /// from what takes its place.
    pub(super) fn of(place: &str, cloud: &Cloud, stack: &str) -> Option<Self> {
        let home = checkout::home(|name| env::var(name).ok())?;
        let stack = format!("{}/{}/{stack}", cloud.account, cloud.region);
        let name = sha256(format!("{place}\n{stack}").as_bytes());
        Some(Self {
            file: home.join("swapped").join(name + ".json"),
            stack,
        })
    }

    /// Whether anything was swapped.
    pub(super) fn is_there(&self) -> bool {
        self.file.exists()
    }

    fn unusable(&self, why: &dyn std::fmt::Display) -> Problem {
        let message = format!("cannot use \"{}\": {why}", self.file.display());
        let help =
            "it tells which functions were swapped: mend what keeps it from being read and written";
        Problem::unreadable(message, help)
    }

    fn write(&self, document: &Value) -> io::Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        whole::write(&self.file, &format!("{document:#}\n"))
    }
}

impl Memory for Swapped {
    fn swapped(&self) -> Result<Settings, Problem> {
        let bytes = match fs::read(&self.file) {
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Settings::new()),
            bytes => bytes.map_err(|why| self.unusable(&why))?,
        };
        let document: Value = serde_json::from_slice(&bytes).map_err(|why| self.unusable(&why))?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list = |value: &Value| value.as_array()?.iter().map(text).collect::<Option<_>>();
        let functions = document["functions"].as_object().into_iter().flatten();
        let functions = functions.map(|(id, all)| Some((id.clone(), list(all)?)));
        let functions: Option<Settings> = functions.collect();
        functions.ok_or_else(|| self.unusable(&"it is not what was written"))
    }

    fn remember(&self, swapped: &Settings) -> Result<(), Problem> {
        let done = if swapped.is_empty() {
            match fs::remove_file(&self.file) {
                Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(()),
                removed => removed,
            }
        } else {
            self.write(&json!({ "version": 1, "stack": self.stack, "functions": swapped }))
        };
        done.map_err(|why| self.unusable(&why))
    }
}
