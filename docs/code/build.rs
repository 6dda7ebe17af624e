//! Turns the Rust blocks of the guide into modules of this package, with the lines that they have in their page, so that
//! the compiler's messages lead to them.
//!
//! A block is one of three things:
//!
//! - a whole program (it calls `cloudwright::main`): the program `guide` becomes it by the variable `GUIDE_BLOCK`; one that
//!   is to be refused says so by `rust,mistakes`;
//! - items (`rust,items`), which the other blocks of its page can use;
//! - lines of a program, where `app` and `stack` are there already. They are run and synthesized by a test.
//!
//! Lines that begin with `# ` are compiled and not shown, as mdBook and rustdoc have it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "src/blocks.rs"]
mod blocks;

use blocks::{Block, blocks};

fn main() {
    let book = Path::new("../src");
    println!("cargo::rerun-if-changed={}", book.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let mut all = String::new();
    let mut programs = String::new();
    let mut pages = Vec::new();
    collect(book, &mut pages);
    pages.sort();
    for page in pages {
        let text = fs::read_to_string(&page).expect("a page can be read");
        let found = blocks(&text);
        if !found.iter().any(|block| block.language.starts_with("rust")) {
            continue;
        }
        let path = page.strip_prefix(book).expect("it is below");
        let path = path.with_extension("").display().to_string();
        let module = path.replace(['/', '-'], "_").to_lowercase();
        let file = out.join(format!("{module}.rs"));
        fs::write(&file, modules(&text, &found)).expect("a module can be written");
        all += &format!("#[path = {file:?}]\nmod {module};\n");
        for block in found.iter().filter(|block| block.is_program()) {
            let line = block.line;
            programs += &format!("    (\"{path}:{line}\", {module}::line_{line}::run),\n");
        }
    }
    all += &format!(
        "/// The programs by page and line.\npub(crate) const PROGRAMS: &[(&str, fn() -> std::process::ExitCode)] = &[\n{programs}];\n"
    );
    fs::write(out.join("pages.rs"), all).expect("the list can be written");
}

/// The pages below a folder.
fn collect(folder: &Path, pages: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the guide is there") {
        let path = entry.expect("the guide is there").path();
        if path.is_dir() {
            collect(&path, pages);
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path);
        }
    }
}

/// A page as a Rust source: every line of a block is where it was, and all other lines are empty.
fn modules(page: &str, found: &[Block]) -> String {
    let mut lines = vec![String::new(); page.lines().count() + 1];
    for block in found
        .iter()
        .filter(|block| block.language.starts_with("rust"))
    {
        let (begin, end) = around(block);
        lines[block.line - 1] = begin;
        for (number, line) in block.lines.iter().enumerate() {
            lines[block.line + number] = shown(line).to_owned();
        }
        lines[block.line + block.lines.len()] = end;
    }
    let last = lines.len() - 1;
    lines[last] = "#[allow(unused_imports)] use cloudwright::prelude::*;".to_owned();
    lines.join("\n") + "\n"
}

/// What stands on the lines of a block's fences.
fn around(block: &Block) -> (String, String) {
    let line = block.line;
    if block.language == "rust,items" {
        (String::new(), String::new())
    } else if block.is_program() {
        let end = "pub(crate) fn run() -> std::process::ExitCode { main() } }";
        (format!("pub(crate) mod line_{line} {{"), end.to_owned())
    } else {
        let begin = format!("#[test] fn line_{line}() {{ crate::synthesizes(|app, stack| {{");
        (begin, "}); }".to_owned())
    }
}

/// A line as it is compiled.
fn shown(line: &str) -> &str {
    match line.trim_start().strip_prefix("# ") {
        Some(hidden) => hidden,
        None if line.trim() == "#" => "",
        None => line,
    }
}
