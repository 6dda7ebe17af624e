//! The guide as people read it: mdBook makes a book of it without a warning, and every link of every page leads somewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tests::examples::repository;
use tests::tools::{isolated, require};

/// Every page of a book, as mdBook wrote it.
fn pages(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut pages = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages.extend(self::pages(&path));
        } else if path.extension().is_some_and(|ending| ending == "html") {
            let text = fs::read_to_string(&path).unwrap();
            pages.insert(path, text);
        }
    }
    pages
}

/// What is in quotes after a marker, each time.
fn quoted(text: &str, marker: &str) -> Vec<String> {
    let found = text.split(marker).skip(1);
    let found = found.filter_map(|rest| rest.split('"').next());
    found.map(|value| value.replace("&amp;", "&")).collect()
}

/// A path without `..` in it.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[test]
fn the_guide_is_a_book_whose_links_lead_somewhere() {
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book");
    let output = isolated(&require("mdbook", "bin/mdbook"))
        .arg("build")
        .arg(repository().join("docs"))
        .arg("--dest-dir")
        .arg(&book)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    for word in ["WARN", "ERROR"] {
        assert!(!said.contains(word), "{said}");
    }

    let pages = pages(&book);
    // All pages in one, for printing, and the page for what is not there, have the links of others.
    let own = |path: &Path| !path.ends_with("print.html") && !path.ends_with("404.html");
    let mut followed = 0;
    for (page, text) in pages.iter().filter(|(path, _)| own(path)) {
        let around = page.parent().unwrap();
        for link in [" href=\"", " src=\""]
            .iter()
            .flat_map(|of| quoted(text, of))
        {
            if link
                .split(['/', '?', '#'])
                .next()
                .is_some_and(|start| start.contains(':'))
            {
                continue;
            }
            followed += 1;
            let (path, place) = link.split_once('#').unwrap_or((&link, ""));
            let mut target = match path {
                "" => page.clone(),
                path => plain(&around.join(path)),
            };
            if target.is_dir() {
                target.push("index.html");
            }
            let from = page.display();
            assert!(target.exists(), "{from}: {link} leads nowhere");
            if let Some(text) = pages.get(&target).filter(|_| !place.is_empty()) {
                let is_there = quoted(text, " id=\"").iter().any(|id| id == place);
                assert!(is_there, "{from}: {link} names no place there");
            }
        }
    }
    assert!(followed > 500, "{followed} links");
}
