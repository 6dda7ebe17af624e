//! Generates the L1 types of the services whose feature is on, from the facts in `spec/`.

#[path = "codegen/lib.rs"]
mod codegen;

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use codegen::{Generated, Library};

fn main() -> Result<(), Box<dyn Error>> {
    let out = env::var("OUT_DIR")?;
    let spec = Path::new("spec");
    println!("cargo::rerun-if-changed=codegen");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=spec");
    let read = |service: &str| fs::read_to_string(spec.join(format!("{service}.spec"))).ok();
    let library = Library::new(&read);
    let mut generated = Vec::new();
    for service in enabled_services(spec)? {
        let text = library
            .text(&service)
            .ok_or_else(|| format!("cannot read {service}.spec"))?;
        let source = codegen::service(&service, &text, &library)
            .map_err(|e| format!("spec/{service}.spec: {e}"))?;
        write(Path::new(&out), &source, &text)?;
        generated.push(source);
    }
    fs::write(
        Path::new(&out).join("services.rs"),
        codegen::root(&generated),
    )?;
    if env::var_os("CARGO_FEATURE_FACTS").is_some() {
        fs::write(Path::new(&out).join("facts.rs"), facts(spec)?)?;
    }
    Ok(())
}

/// The table of all facts, as text: a program that reviews any assembly needs no types.
fn facts(spec: &Path) -> Result<String, Box<dyn Error>> {
    let mut services = Vec::new();
    for entry in fs::read_dir(spec)? {
        let path = fs::canonicalize(entry?.path())?;
        let service = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(service) = service {
            services.push((service.to_owned(), path.display().to_string()));
        }
    }
    services.sort();
    let rows = services
        .iter()
        .map(|(service, path)| format!("    ({service:?}, include_str!({path:?})),\n"));
    let rows: String = rows.collect();
    Ok(format!("static FACTS: &[(&str, &str)] = &[\n{rows}];\n"))
}

/// The services whose feature is on, sorted.
fn enabled_services(spec: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut services = Vec::new();
    for entry in fs::read_dir(spec)? {
        let path = entry?.path();
        let service = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .unwrap_or_default();
        let feature = codegen::feature_of(service).to_ascii_uppercase();
        if env::var_os(format!("CARGO_FEATURE_{feature}")).is_some() {
            services.push(service.to_owned());
        }
    }
    services.sort();
    Ok(services)
}

fn write(out: &Path, service: &Generated, text: &str) -> Result<(), Box<dyn Error>> {
    fs::write(out.join(format!("{}.rs", service.module)), &service.source)?;
    let folder = out.join(&service.module);
    fs::create_dir_all(&folder)?;
    for (file, range) in &service.excerpts {
        fs::write(folder.join(file), &text[range.clone()])?;
    }
    Ok(())
}
