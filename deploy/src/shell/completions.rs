//! `completions`: scripts by which shells complete what is typed, made of the very grammar that reads it.

use clap::{Arg, ArgMatches, Command};
use clap_complete::{Shell, generate};

/// The name of the verb.
pub const COMPLETIONS: &str = "completions";

const STORY: &str = "\
bash:  PROGRAM completions bash > ~/.local/share/bash-completion/completions/PROGRAM
zsh:   PROGRAM completions zsh > DIR/_PROGRAM, DIR being one of $fpath
fish:  PROGRAM completions fish > ~/.config/fish/completions/PROGRAM.fish

Each takes effect in the next shell.";

/// Its help and arguments.
#[must_use]
pub fn completions_command(command: Command) -> Command {
    let shell = Arg::new("shell").value_name("SHELL").required(true);
    command
        .about("Prints a script by which a shell completes commands")
        .after_help(STORY)
        .arg(
            shell
                .value_parser(["bash", "fish", "zsh"])
                .help("The shell"),
        )
}

/// The script for the program of this name and grammar.
#[must_use]
pub fn completions(arguments: &ArgMatches, grammar: Command, program: &str) -> String {
    let shell = match arguments.get_one::<String>("shell").map(String::as_str) {
        Some("fish") => Shell::Fish,
        Some("zsh") => Shell::Zsh,
        _ => Shell::Bash,
    };
    // Scripts are made of the grammar's name, which has to be the word that is typed. The process ends with it.
    let mut name: &'static str = program.to_owned().leak();
    if shell == Shell::Bash {
        // Dashes in a program's name make the generator contradict itself: subcommands are never found.
        name = name.replace('-', "_").leak();
    }
    let mut grammar = grammar.name(name).bin_name(name);
    let mut script = Vec::new();
    generate(shell, &mut grammar, name, &mut script);
    let script = String::from_utf8_lossy(&script);
    // What the shell completes by it is the program, at the ends of the last lines.
    let of_program = |line: &str| match line.strip_suffix(&format!(" {name}")) {
        Some(rest) if rest.trim_start().starts_with("complete -F") => format!("{rest} {program}\n"),
        _ => format!("{line}\n"),
    };
    script.lines().map(of_program).collect()
}
