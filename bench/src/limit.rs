//! The limit of what any engine can reach: the templates exist, serde_json only writes them.

use std::fs;
use std::hint::black_box;
use std::path::Path;

use serde_json::Value;

/// Reads the `*.template.json` of a folder once and writes them into memory `times` times.
///
/// The cost of reading is in the whole process, so the cost of one writing is what a run with more
/// times costs more.
pub(crate) fn write(times: usize, folder: &Path) -> Result<(), String> {
    let templates = read(folder)?;
    if templates.is_empty() {
        return Err(format!("{} holds no template", folder.display()));
    }
    for _ in 0..times {
        for template in &templates {
            let text = serde_json::to_string_pretty(template).map_err(|e| e.to_string())?;
            black_box(text);
        }
    }
    Ok(())
}

fn read(folder: &Path) -> Result<Vec<Value>, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut templates = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.to_string_lossy().ends_with(".template.json") {
            let text = fs::read_to_string(&path).map_err(failed)?;
            let template = serde_json::from_str(&text);
            templates.push(template.map_err(|e| format!("{}: {e}", path.display()))?);
        }
    }
    Ok(templates)
}
