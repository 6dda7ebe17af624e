//! Pictures of the examples: every line of one is true and none is missing, as the templates alone tell it; and the pictures
//! that READMEs show are those that are made.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cloudwright_graph::{Format, Graph, Level, Source};
use tests::examples::{Assembly, names, readme, repository, synth};
use tests::relations::{self, Relations};
use tests::tools::isolated;

fn graph(assembly: &Assembly, level: Level) -> Graph {
    let file = |name: &str| fs::read_to_string(assembly.folder().join(name));
    let source = Source::read(&file).unwrap_or_else(|problem| panic!("{problem}"));
    Graph::new(&source, level)
}

/// What is between a marker and the next quote, each time, as it was before it was escaped.
fn values(svg: &str, marker: &str) -> Vec<String> {
    let found = svg.split(marker).skip(1);
    let found = found.filter_map(|rest| rest.split('"').next());
    found
        .map(|text| {
            text.replace("&amp;", "&")
                .replace("&#39;", "'")
                .replace("&gt;", ">")
        })
        .collect()
}

type Line = (String, String, String);

/// The boxes and the lines that a picture shows.
fn shown(svg: &str) -> (BTreeSet<String>, BTreeSet<Line>) {
    let boxes = values(svg, "data-path=\"").into_iter().collect();
    let [from, verb, to] =
        ["data-from=\"", "data-verb=\"", "data-to=\""].map(|marker| values(svg, marker));
    let lines = from
        .into_iter()
        .zip(verb)
        .zip(to)
        .map(|((from, verb), to)| (from, verb, to));
    (boxes, lines.collect())
}

/// The innermost box around a construct.
#[track_caller]
fn around(path: &str, boxes: &BTreeSet<String>) -> String {
    let is_around = |found: &&String| {
        let rest = path.strip_prefix(found.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let found = boxes
        .iter()
        .filter(is_around)
        .max_by_key(|found| found.len());
    found
        .unwrap_or_else(|| panic!("nothing is drawn for {path}"))
        .clone()
}

/// The lines that the templates want between these boxes. An alarm without a box is in those of what it watches.
fn wanted(relations: &Relations, boxes: &BTreeSet<String>, level: Level) -> BTreeSet<Line> {
    let draws_alarms = level == Level::Full;
    let places = |path: &str| -> BTreeSet<String> {
        match relations.watched.get(path).filter(|_| !draws_alarms) {
            Some(watched) => watched.iter().map(|path| around(path, boxes)).collect(),
            None => [around(path, boxes)].into(),
        }
    };
    let mut wanted = BTreeSet::new();
    for (from, verb, to) in &relations.found {
        if verb == "watches" && !draws_alarms {
            continue;
        }
        // Who sends to the dead letters of a queue gives up to that queue: the queue itself gets nothing.
        let is_lost = |other: &Line| {
            other.1 == "dead-letters-to" && other.2 == *to && places(&other.0) == places(to)
        };
        let gives_up = verb == "sends-to" && relations.found.iter().any(is_lost);
        let is_inner = !boxes.contains(to);
        let verb = match gives_up && is_inner {
            true => "dead-letters-to",
            false => verb,
        };
        for from in places(from) {
            for to in places(to) {
                wanted.insert((from.clone(), verb.to_owned(), to));
            }
        }
    }
    wanted.retain(|(from, _, to)| from != to);
    wanted
}

fn listed(lines: &BTreeSet<Line>, but: &BTreeSet<Line>) -> String {
    let rest = lines.difference(but);
    rest.map(|(from, verb, to)| format!("\n  {from} {verb} {to}"))
        .collect()
}

#[test]
fn every_line_of_a_picture_is_true_and_none_is_missing() {
    let mut wrong = String::new();
    for example in names() {
        let assembly = synth(&example);
        let relations = relations::of(&assembly);
        assert!(!relations.found.is_empty(), "{example} does nothing");
        for (_, level) in Level::ALL {
            let (boxes, lines) = shown(&graph(&assembly, level).render(Format::Svg));
            let wanted = wanted(&relations, &boxes, level);
            let (untrue, missing) = (listed(&lines, &wanted), listed(&wanted, &lines));
            for (source, resource) in &relations.let_in {
                let pair = [source, resource].map(|path| around(path, &boxes));
                let is_drawn = pair[0] == pair[1]
                    || lines
                        .iter()
                        .any(|(from, _, to)| [from, to] == [&pair[0], &pair[1]]);
                assert!(
                    is_drawn,
                    "{example}: {source} is let in by {resource}, and no line says so"
                );
            }
            if !untrue.is_empty() || !missing.is_empty() {
                wrong += &format!("\n{example} {level:?}: untrue:{untrue}\n  missing:{missing}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The picture that the README of an example shows.
const PICTURE: &str = "system.svg";

#[test]
fn every_readme_shows_the_picture_of_its_example() {
    let mut outdated = Vec::new();
    for example in names() {
        let shown = format!("]({PICTURE})");
        assert!(
            readme(&example).contains(&shown),
            "the README of {example} has no picture: {shown}"
        );
        let drawn = graph(&synth(&example), Level::System).render(Format::Svg);
        let file = repository().join("examples").join(&example).join(PICTURE);
        if fs::read_to_string(&file).is_ok_and(|kept| kept == drawn) {
            continue;
        }
        if std::env::var_os("UPDATE_PICTURES").is_some() {
            fs::write(&file, drawn).unwrap();
        } else {
            outdated.push(example);
        }
    }
    let help = "run with UPDATE_PICTURES=1, and look at what is drawn";
    assert!(
        outdated.is_empty(),
        "outdated pictures of {outdated:?}: {help}"
    );
}

#[test]
fn a_picture_is_the_same_each_time_and_has_no_script_font_or_reference() {
    let assembly = synth("replicated-bucket");
    for (_, level) in Level::ALL {
        let graph = graph(&assembly, level);
        for (_, format) in Format::ALL {
            assert_eq!(graph.render(format), graph.render(format));
        }
        let svg = graph.render(Format::Svg);
        let outside = svg.replace("http://www.w3.org/2000/svg", "");
        for word in [
            "<script",
            "http",
            "href",
            "@import",
            "@font-face",
            "onload",
            "foreignObject",
        ] {
            assert!(!outside.contains(word), "{word} in a picture");
        }
    }
}

#[test]
fn a_program_with_the_feature_draws_itself() {
    let run = |arguments: &[&str]| {
        let folder = tempfile::TempDir::new().unwrap();
        let mut command = isolated(Path::new(env!("CARGO_BIN_EXE_uploads")));
        command.args(arguments).current_dir(folder.path());
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 0, "{arguments:?} wrote files");
        String::from_utf8(output.stdout).unwrap()
    };
    let svg = run(&["graph"]);
    assert!(
        svg.starts_with("<svg ") && svg.contains("data-path=\"Uploads/Incoming\""),
        "{svg}"
    );
    assert!(run(&["graph", "--format", "mermaid"]).starts_with("flowchart LR\n"));
    assert!(run(&["graph", "--format", "dot", "--level", "full"]).starts_with("digraph system {"));
    let data: serde_json::Value = serde_json::from_str(&run(&["graph", "--json"])).unwrap();
    assert_eq!(
        (&data["version"], &data["level"]),
        (&1.into(), &"system".into())
    );
    assert_eq!(data["nodes"].as_array().unwrap().len(), 2);
    tests::documents::require("graph", &data);
}
