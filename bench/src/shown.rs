//! What people look at, made of an assembly in memory: the picture, and the page of a review in which every queue is another.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use cloudwright_graph::{Format, Graph, Level, Source};
use cloudwright_review::{Baseline, Review};
use cloudwright_synth::Assembly;
use serde_json::json;

pub(crate) fn graph(assembly: &Assembly, folder: &Path) -> Result<(), String> {
    let picture = Graph::new(&source(assembly)?, Level::System).render(Format::Svg);
    write(folder, "system.svg", &picture)
}

pub(crate) fn review(assembly: &Assembly, folder: &Path) -> Result<(), String> {
    let now = source(assembly)?;
    let mut before = now.clone();
    for stack in &mut before.stacks {
        let template = Arc::make_mut(&mut stack.template);
        let resources = template["Resources"].as_object_mut();
        for body in resources.into_iter().flat_map(|all| all.values_mut()) {
            if body["Type"] == "AWS::SQS::Queue" {
                body["Properties"]["DelaySeconds"] = json!(1);
            }
        }
    }
    let before = Baseline::assembly("before", before);
    let review = Review::new(&now, Some(&before), &|kind| cloudwright::cfn::schema(kind));
    write(folder, "review.html", &review.to_html())
}

fn source(assembly: &Assembly) -> Result<Source, String> {
    let documents: BTreeMap<_, _> = assembly.documents().into_iter().collect();
    let file = |name: &str| {
        let document = documents.get(name).cloned();
        document.ok_or_else(|| io::ErrorKind::NotFound.into())
    };
    Source::read(&file).map_err(|problem| problem.to_string())
}

fn write(folder: &Path, name: &str, content: &str) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| e.to_string())?;
    fs::write(folder.join(name), content).map_err(|e| e.to_string())
}
