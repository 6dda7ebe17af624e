//! The tree of resources with its search, and the template beside it.

use std::collections::BTreeMap;

use super::writer::Html;
use crate::model::{Resource, Review, StackReview};
use crate::names::shown;

/// Up to so many resources, constructs are open at first.
const FEW: usize = 60;

/// A construct with what is in it.
#[derive(Default)]
struct Branch<'a> {
    inside: BTreeMap<&'a str, Branch<'a>>,
    resource: Option<&'a Resource>,
}

impl<'a> Branch<'a> {
    fn of(stack: &'a StackReview) -> Self {
        let mut root = Self::default();
        for resource in &stack.resources {
            let path = shown(&resource.path);
            let path = path.strip_prefix(&stack.path).unwrap_or(path);
            let mut at = &mut root;
            for word in path.split('/').filter(|word| !word.is_empty()) {
                at = at.inside.entry(word).or_default();
            }
            at.resource = Some(resource);
        }
        root
    }
}

pub(super) fn write(html: &mut Html, review: &Review) {
    let all: usize = review
        .stacks
        .iter()
        .map(|stack| stack.resources.len())
        .sum();
    html.markup(
        "<section id=\"tree\"><h2>Resources</h2>\n<div class=\"tools\" hidden>\
         <label>Search <input type=\"search\" id=\"search\" placeholder=\"path, type or logical id\" autocomplete=\"off\"></label> \
         <output id=\"found\" aria-live=\"polite\"></output> \
         <button type=\"button\" id=\"unfold\">Unfold all</button> <button type=\"button\" id=\"fold\">Fold all</button> \
         <span class=\"small\"><kbd>/</kbd> searches, <kbd>\u{2191}</kbd> <kbd>\u{2193}</kbd> <kbd>\u{2190}</kbd> <kbd>\u{2192}</kbd> walk, \
         <kbd>Enter</kbd> shows the template</span></div>\n\
         <noscript><p class=\"small\">Search and the templates need the script of this page.</p></noscript>\n\
         <div class=\"beside\"><ul class=\"tree\" id=\"rows\">\n",
    );
    for (place, stack) in review.stacks.iter().enumerate() {
        html.markup("<li><details open><summary")
            .attribute("data-s", &place.to_string())
            .markup(">");
        html.element("<b>", &stack.path, "</b> ").element(
            "<i>",
            &stack.place,
            "</i></summary><ul>\n",
        );
        for (name, branch) in &Branch::of(stack).inside {
            row(
                html,
                name,
                branch,
                &Of {
                    place,
                    stack,
                    open: all <= FEW,
                },
            );
        }
        html.markup("</ul></details></li>\n");
    }
    html.markup(
        "</ul>\n<div class=\"pane\"><h3 id=\"shown\">Template</h3>\
         <pre id=\"body\" tabindex=\"0\">Choose a resource, and its part of the template is here.</pre></div></div></section>\n",
    );
}

/// The stack of a row.
struct Of<'a> {
    place: usize,
    stack: &'a StackReview,
    open: bool,
}

fn row(html: &mut Html, name: &str, branch: &Branch<'_>, of: &Of<'_>) {
    let is_leaf = branch.inside.is_empty();
    html.markup(match (is_leaf, of.open) {
        (true, _) => "<li><button type=\"button\" class=\"leaf\"",
        (false, true) => "<li><details open><summary",
        (false, false) => "<li><details><summary",
    });
    if let Some(resource) = branch.resource {
        html.attribute("data-s", &of.place.to_string())
            .attribute("data-i", &resource.id);
        if let Some(line) = &resource.line {
            html.attribute("data-l", line);
        }
    }
    html.markup(">").element("<b>", name, "</b>");
    if let Some(resource) = branch.resource {
        html.element(" <i>", &resource.kind, "</i>");
        mark(html, resource, of.stack);
    }
    html.markup(if is_leaf {
        "</button></li>\n"
    } else {
        "</summary><ul>\n"
    });
    for (name, inner) in &branch.inside {
        row(html, name, inner, of);
    }
    if !is_leaf {
        html.markup("</ul></details></li>\n");
    }
}

fn mark(html: &mut Html, resource: &Resource, stack: &StackReview) {
    let Some(change) = resource.change.map(|place| &stack.diff.resources[place]) else {
        return;
    };
    html.markup(match change.rank() {
        0 => " <em class=\"bad\">! impossible</em>",
        1 => " <em class=\"bad\">! data loss</em>",
        2 | 3 => " <em class=\"replaced\">\u{b1} replaced</em>",
        4 => " <em class=\"removed\">\u{2212} removed</em>",
        5 => " <em class=\"added\">+ new</em>",
        _ => " <em class=\"changed\">~ changes</em>",
    });
}
