//! What `cargo xtask bench` measures from outside: whole processes, as a user's own program is.
//!
//! | command | what it does |
//! |---|---|
//! | `bench list` | names the works |
//! | `bench WORK STACKS PHASE FOLDER` | does a work, up to a phase: `build`, `synth` or `write` |
//! | `bench WORK STACKS graph\|review FOLDER` | does a work, and draws it or reviews a change of it instead of writing it |
//! | `bench check ..` | the verb `check` of a program of one stack of `l2` |
//! | `bench limit TIMES FOLDER` | serde_json alone writes the finished templates of FOLDER |
//!
//! A work is one line in [`works::WORKS`]. What a phase costs is what a process costs more that
//! goes one phase further.

mod limit;
mod shown;
mod works;

use std::env;
use std::mem::ManuallyDrop;
use std::path::Path;
use std::process::ExitCode;

use works::{WORKS, Work};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if arguments.first().is_some_and(|verb| verb == "check") {
        return cloudwright::main(works::one_stack);
    }
    let done = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["list"] => {
            WORKS.iter().for_each(|(name, _)| println!("{name}"));
            Ok(())
        }
        ["limit", times, folder] => {
            number(times).and_then(|times| limit::write(times, Path::new(folder)))
        }
        [work, stacks, phase, folder] => {
            number(stacks).and_then(|stacks| run(work, stacks, phase, Path::new(folder)))
        }
        _ => Err("expected `list`, `limit TIMES FOLDER` or `WORK STACKS PHASE FOLDER`".to_owned()),
    };
    let Err(why) = done else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {why}");
    ExitCode::FAILURE
}

fn number(text: &str) -> Result<usize, String> {
    text.parse()
        .map_err(|e| format!("got {text}, expected a number: {e}"))
}

fn run(name: &str, stacks: usize, phase: &str, folder: &Path) -> Result<(), String> {
    let (_, work): &(_, Work) = WORKS
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or("no such work")?;
    let app = work(stacks);
    if phase == "build" {
        return Ok(());
    }
    let assembly = app.synth().map_err(|found| found.to_string())?;
    // As the command line of every program does: what ends with the process need not be freed.
    let assembly = ManuallyDrop::new(assembly);
    if phase == "synth" {
        return Ok(());
    }
    match phase {
        "graph" => shown::graph(&assembly, folder),
        "review" => shown::review(&assembly, folder),
        _ => assembly.write(folder).map_err(|e| e.to_string()),
    }
}
