//! `man`: a page of the manual for the program and for each of its verbs.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use clap_mangen::Man;

/// The name of the verb.
pub const MAN: &str = "man";

const STORY: &str = "\
Examples:
  cargo cloudwright man --out ~/.local/share/man/man1
  man cargo-cloudwright-new";

/// Its help and arguments.
#[must_use]
pub fn man_command(command: Command) -> Command {
    let out = Arg::new("out")
        .long("out")
        .value_name("DIR")
        .required(true)
        .value_parser(value_parser!(PathBuf));
    command
        .about("Writes the pages of the manual, one for each verb")
        .after_help(STORY)
        .arg(out.help("The folder of the pages; made when it is not there"))
}

/// Writes the pages for the program of this name and grammar, and tells how many there are.
///
/// # Errors
/// The folder or a file that cannot be written.
pub fn man(arguments: &ArgMatches, grammar: Command, program: &str) -> Result<String, String> {
    let folder = arguments.get_one::<PathBuf>("out");
    let folder = folder.map_or(Path::new("."), PathBuf::as_path);
    let because = |why: io::Error| {
        let help = "name a folder in which files may be made";
        let folder = folder.display();
        format!("cannot write to \"{folder}\": {why}\n   = help: {help}")
    };
    let pages = pages(grammar, program).map_err(because)?;
    fs::create_dir_all(folder).map_err(because)?;
    for (name, page) in &pages {
        fs::write(folder.join(name), page).map_err(because)?;
    }
    let count = pages.len();
    Ok(format!("wrote {count} pages to {}\n", folder.display()))
}

/// The pages with the names of their files.
fn pages(grammar: Command, program: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    // The process ends with it: names of commands are never freed.
    let name: &'static str = program.to_owned().leak();
    let mut pages = Vec::new();
    collect(grammar.name(name), name, &mut pages)?;
    Ok(pages)
}

/// Adds the pages of a command and of those below it. In a page, a command is called as its file is.
fn collect(
    command: Command,
    name: &'static str,
    pages: &mut Vec<(String, Vec<u8>)>,
) -> io::Result<()> {
    let below: Vec<_> = command
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set() && verb.get_name() != "help")
        .cloned()
        .collect();
    let called: &'static str = name.replace('-', " ").leak();
    let command = command.name(name).display_name(name).bin_name(called);
    let mut page = Vec::new();
    Man::new(command.disable_help_subcommand(true)).render(&mut page)?;
    pages.push((format!("{name}.1"), page));
    for verb in below {
        let path: &'static str = format!("{name}-{}", verb.get_name()).leak();
        collect(verb, path, pages)?;
    }
    Ok(())
}
