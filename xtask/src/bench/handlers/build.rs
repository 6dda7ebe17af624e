//! The program of all handlers, built as for deployment and in other ways, and how large it becomes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloudwright_bundle::build::{Entry, Workshop, drop_unwind_tables, pack};
use cloudwright_bundle::{Handlers, Recipe, RuntimeRecipe, Target};
use serde_json::Value;

use super::super::measure::Costs;
use super::super::report::{Figure, OURS, Row};
use crate::process::run;
use crate::{Outcome, target_dir, workspace_root};

const ALL: &str = "handlers";
/// The handler of a development build.
const DEVELOPED: &str = "replicate";
/// What a panic does in the program that is deployed.
const PANIC: &str = "abort";
const MOST_BYTES: f64 = 3_500_000.0;
const MOST_BYTES_MORE: f64 = 300_000.0;

/// Builds the program as it is deployed.
pub(super) fn program() -> Outcome<PathBuf> {
    release(PANIC, ALL)
}

/// The program of the worker's image, as `bundle` makes it for deployment.
pub(super) fn worker() -> Outcome<PathBuf> {
    let recipe = Recipe::Runtime(recipe(Handlers::Worker));
    let root = workspace_root();
    let key = recipe.key(&root).map_err(|problem| problem.to_string())?;
    let mut shop = Workshop {
        home: target_dir(),
        target_dir: Some(target_dir()),
        log: &mut std::io::stderr(),
    };
    let layout = shop.make(&recipe, &key, &[root]);
    let layout = layout.map_err(|problem| problem.to_string())?;
    let folder = target_dir().join("bench-worker");
    unpack(&layout, &folder)?;
    Ok(folder.join("worker"))
}

/// Writes the files of an image with one layer into a folder.
fn unpack(layout: &Path, folder: &Path) -> Outcome {
    let failed = |e: std::io::Error| format!("{}: {e}", layout.display());
    let json = |file: PathBuf| -> Outcome<Value> {
        let bytes = fs::read(file).map_err(failed)?;
        serde_json::from_slice(&bytes).map_err(|e| format!("{}: {e}", layout.display()))
    };
    let blob = |described: &Value| {
        let digest = described["digest"].as_str().unwrap_or_default();
        layout.join("blobs").join(digest.replacen(':', "/", 1))
    };
    let index = json(layout.join("index.json"))?;
    let manifest = json(blob(&index["manifests"][0]))?;
    let layer = fs::File::open(blob(&manifest["layers"][0])).map_err(failed)?;
    tar::Archive::new(layer).unpack(folder).map_err(failed)
}

/// How large the archive is, what each handler adds to it, and what it would be if panics unwound; then
/// what a development build costs.
pub(super) fn sizes(runs: usize) -> Outcome<Vec<Row>> {
    let handlers = handlers()?;
    let bytes = |title: &str, subject, bytes| {
        // What follows takes minutes.
        eprintln!("    {title}, {subject}: {bytes}");
        Row::new(title, subject, Figure::Count(bytes))
    };
    let whole = zipped(&program()?)?;
    let mut rows = vec![bytes("zip of all, bytes", OURS, whole).goal(MOST_BYTES)];
    for left_out in &handlers {
        let others = handlers.iter().filter(|name| *name != left_out);
        let others: Vec<_> = others.map(String::as_str).collect();
        let more = whole.saturating_sub(zipped(&release(PANIC, &others.join(","))?)?);
        let title = format!("zip, {left_out} added, bytes");
        rows.push(bytes(&title, OURS, more).goal(MOST_BYTES_MORE));
    }
    let unwinding = zipped(&release("unwind", ALL)?)?;
    rows.push(bytes("zip of all, bytes", "with panic=unwind", unwinding));
    let [one, all] = builds(runs)?;
    let costs = |subject, costs| Row::new("clean build, CPU s", subject, Figure::Costs(costs));
    rows.push(costs(OURS, one));
    rows.push(costs("all, for deployment", all));
    Ok(rows)
}

/// The features of `cloudwright-runtime` that are handlers.
fn handlers() -> Outcome<Vec<String>> {
    let manifest = workspace_root().join("runtime/Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|e| format!("{}: {e}", manifest.display()))?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("handlers = ["));
    let list = line.and_then(|line| line.strip_suffix(']'));
    let list = list.ok_or("runtime/Cargo.toml: expected `handlers = [..]` in one line")?;
    let names = list
        .split(',')
        .map(|name| name.trim().trim_matches('"').to_owned());
    Ok(names.filter(|name| !name.is_empty()).collect())
}

/// Builds the program as it is deployed, but for how it panics and which handlers it has.
fn release(panic: &str, features: &str) -> Outcome<PathBuf> {
    eprintln!("    building {features}, panic={panic}");
    // Another way to panic is another build of everything.
    let folder = target_dir().join("bench-handlers");
    let folder = if panic == PANIC {
        folder
    } else {
        folder.join(panic)
    };
    let recipe = recipe(Handlers::Every);
    run(&mut build(&folder, &recipe, features, panic))?;
    let program = folder.join("release/bootstrap");
    if panic != PANIC {
        return Ok(program);
    }
    // As `bundle` leaves it.
    let mut content = read(&program)?;
    drop_unwind_tables(&mut content, "bootstrap").map_err(|problem| problem.to_string())?;
    let deployed = folder.join("bootstrap");
    fs::write(&deployed, content).map_err(|e| format!("{}: {e}", deployed.display()))?;
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&deployed, executable)
        .map_err(|e| format!("{}: {e}", deployed.display()))?;
    Ok(deployed)
}

fn read(file: &Path) -> Outcome<Vec<u8>> {
    fs::read(file).map_err(|e| format!("{}: {e}", file.display()))
}

/// What a build from nothing costs, of one handler while a program is developed and of all that are
/// deployed.
fn builds(runs: usize) -> Outcome<[Costs; 2]> {
    let from_nothing = |runs, handlers, features| {
        let recipe = recipe(handlers);
        Costs::of(runs, |_| {
            eprintln!("    building {features} from nothing");
            let folder = target_dir().join("bench-handlers-clean");
            if folder.exists() {
                fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
            }
            Ok(build(&folder, &recipe, features, PANIC))
        })
    };
    let one = Handlers::Only(DEVELOPED.to_owned());
    Ok([
        from_nothing(runs, one, DEVELOPED)?,
        from_nothing(1, Handlers::Every, ALL)?,
    ])
}

fn recipe(handlers: Handlers) -> RuntimeRecipe {
    RuntimeRecipe {
        version: String::new(),
        target: Target::X86_64,
        handlers,
    }
}

fn build(folder: &Path, recipe: &RuntimeRecipe, features: &str, panic: &str) -> Command {
    let mut command = Command::new("cargo");
    command
        .current_dir(workspace_root())
        .env("CARGO_TARGET_DIR", folder)
        .args(["build", "--quiet", "--package", "cloudwright-runtime"])
        .args(["--bin", "bootstrap", "--features", features])
        .args(["--profile", recipe.profile()]);
    for (name, value) in recipe.settings() {
        let value = match *name {
            "profile.release.panic" => format!("\"{panic}\""),
            _ => (*value).to_owned(),
        };
        command.arg("--config").arg(format!("{name}={value}"));
    }
    command
}

/// Bytes of the archive that is deployed.
fn zipped(program: &Path) -> Outcome<usize> {
    let entry = Entry {
        path: "bootstrap".to_owned(),
        executable: true,
        content: read(program)?,
    };
    let archive = pack(&[entry]).map_err(|problem| problem.to_string())?;
    Ok(archive.len())
}

#[cfg(test)]
mod tests {
    use super::handlers;

    #[test]
    fn the_handlers_are_read_from_the_manifest() {
        let names = handlers().unwrap();
        assert!(names.contains(&"replicate".to_owned()), "{names:?}");
    }
}
