//! What `cargo xtask bench` measures from outside: each work is a whole process, as a user's own
//! program is, started as `bench WORK COUNT FOLDER`.
//!
//! | work | what it does |
//! |---|---|
//! | `write` | the limit: serde_json alone writes the finished templates of FOLDER, COUNT times |
//!
//! A work is one line in `WORKS`; `bench list` names them.

mod limit;

use std::env;
use std::path::Path;
use std::process::ExitCode;

/// Does a work of this size in this folder.
type Work = fn(usize, &Path) -> Result<(), String>;

/// Every work by its name.
const WORKS: &[(&str, Work)] = &[("write", limit::write)];

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
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
        [work, count, folder] => run(work, count, Path::new(folder)),
        _ => Err("expected `list` or WORK COUNT FOLDER".to_owned()),
    };
    let Err(why) = done else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {why}");
    ExitCode::FAILURE
}

fn run(name: &str, count: &str, folder: &Path) -> Result<(), String> {
    let (_, work) = WORKS
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or("no such work")?;
    let count = count
        .parse()
        .map_err(|e| format!("got the count {count}: {e}"))?;
    work(count, folder)
}
