//! What changes, property by property.

use cloudwright_diff::{Change, ElementChange, Replacement, ResourceChange};
use serde_json::Value;

use super::line;
use super::writer::Html;
use crate::model::{Review, StackReview, Status, fate};
use crate::names::shown;

/// The longest value that is shown whole; the template beside the tree has all of the new ones.
const LONGEST: usize = 1_000;
/// How many values are shown up to that length; further ones are cut to a line, so that the page stays light.
const MANY: usize = 400;
const LINE: usize = 120;

/// Writes values, and cuts them once there are many.
#[derive(Default)]
struct Values(usize);

impl Values {
    fn write(&mut self, html: &mut Html, value: Option<&Value>) {
        let Some(value) = value else {
            html.markup("<td class=\"none\">none</td>");
            return;
        };
        self.0 += 1;
        let text = match value {
            Value::Object(_) | Value::Array(_) => format!("{value:#}"),
            value => value.to_string(),
        };
        let most = if self.0 > MANY { LINE } else { LONGEST };
        html.markup("<td><pre>");
        match text.char_indices().nth(most) {
            Some((end, _)) => html
                .text(&text[..end])
                .markup("… <i>and ")
                .text(&(text.chars().count() - most).to_string())
                .markup(" letters more</i>"),
            None => html.text(&text),
        };
        html.markup("</pre></td>");
    }
}

/// What is lost or replaced, in all stacks.
pub(super) fn grave(html: &mut Html, review: &Review) {
    if review.stacks.iter().all(|stack| stack.grave().is_empty()) {
        return;
    }
    html.markup("<section id=\"grave\" class=\"grave\"><h2>Data loss and replacement</h2>\n");
    let mut values = Values::default();
    for stack in &review.stacks {
        for change in stack.grave() {
            resource(html, stack, change, &mut values);
        }
    }
    html.markup("</section>\n");
}

/// All else, stack by stack.
pub(super) fn others(html: &mut Html, review: &Review) {
    let is_changed = |stack: &&StackReview| stack.status != Status::Unchanged;
    let changed: Vec<_> = review.stacks.iter().filter(is_changed).collect();
    if changed.is_empty() {
        return;
    }
    html.markup("<section id=\"changes\"><h2>Changes</h2>\n");
    let mut values = Values::default();
    for stack in changed {
        html.markup("<details class=\"stack\" open><summary>")
            .element("<code>", &stack.path, "</code> ")
            .element("<span class=\"small\">", &stack.place, "</span> ")
            .markup(match stack.status {
                Status::Added => "is new",
                Status::Removed => "is no longer in the program, and stays until it is deleted",
                Status::Changed | Status::Unchanged => "changes",
            })
            .markup("</summary>\n");
        for change in stack.mild() {
            resource(html, stack, change, &mut values);
        }
        for change in &stack.diff.elements {
            element(html, change, &mut values);
        }
        if !stack.grave().is_empty() {
            html.markup("<p class=\"small\">What is lost or replaced is listed above.</p>\n");
        }
        html.markup("</details>\n");
    }
    html.markup("</section>\n");
}

fn resource(html: &mut Html, stack: &StackReview, change: &ResourceChange, values: &mut Values) {
    let resource = stack.resource(change);
    let path = resource.map_or(change.id.as_str(), |resource| shown(&resource.path));
    html.markup(match change.rank() {
        0 | 1 => "<div class=\"change bad\"><h3>",
        2 | 3 => "<div class=\"change replaced\"><h3>",
        4 => "<div class=\"change removed\"><h3>",
        5 => "<div class=\"change added\"><h3>",
        _ => "<div class=\"change\"><h3>",
    });
    html.element("<code>", path, "</code> ")
        .element("<span class=\"fate\">", &fate(change), "</span> ")
        .element("<span class=\"small\">", &change.kind, " · ")
        .element("<code>", &change.id, "</code></span>");
    line(html, resource.and_then(|resource| resource.line.as_deref()));
    html.markup("</h3>\n");
    for reason in &change.because {
        if !change
            .properties
            .iter()
            .any(|property| property.path == *reason)
        {
            html.element("<p>Because ", reason, "</p>\n");
        }
    }
    // All of a new resource is new: the template has it.
    if change.rank() != 5 {
        let changes: Vec<&Change> = change.properties.iter().chain(&change.attributes).collect();
        table(html, &changes, values);
    }
    html.markup("</div>\n");
}

fn element(html: &mut Html, element: &ElementChange, values: &mut Values) {
    html.markup("<div class=\"change\"><h3>")
        .text(element.section.name())
        .markup(" ")
        .element("<code>", &element.name, "</code> ")
        .element(
            "<span class=\"fate\">",
            element.action.name(),
            "</span></h3>\n",
        );
    table(html, &element.changes.iter().collect::<Vec<_>>(), values);
    html.markup("</div>\n");
}

fn table(html: &mut Html, changes: &[&Change], values: &mut Values) {
    if changes.is_empty() {
        return;
    }
    html.markup(
        "<table><thead><tr><th>Property</th><th>Before</th><th>Now</th></tr></thead><tbody>\n",
    );
    for change in changes {
        html.markup("<tr><th scope=\"row\">");
        let path = if change.path.is_empty() {
            "value"
        } else {
            &change.path
        };
        html.element("<code>", path, "</code>")
            .markup(match change.replacement {
                Replacement::Yes | Replacement::Impossible => " <b class=\"bad\">replaces</b>",
                Replacement::Maybe => " <b>may replace</b>",
                Replacement::No => "",
            });
        html.markup("</th>");
        values.write(html, change.old.as_ref());
        values.write(html, change.new.as_ref());
        html.markup("</tr>\n");
    }
    html.markup("</tbody></table>\n");
}
