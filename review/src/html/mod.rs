//! A review as one page: no network, no framework, nothing to install.
//!
//! All markup is written by [`writer::Html`]. The page reads without its script: folding is that of the browser, and search,
//! the template beside the tree, and the switch of colours are what the script adds. The policy of the page lets in this
//! style and this script by their hashes, and nothing else: not even what a name could smuggle in would run.

mod changes;
mod tree;
mod writer;

use cloudwright_diff::Access;
use hmac_sha256::Hash;

use crate::markdown::{counted, verdict};
use crate::model::{Finding, Part, Review, Sentence};
use writer::{Html, base64};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What every page of ours begins with.
pub(crate) const OURS: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"generator\" content=\"cloudwright review\">\n";

impl Review {
    /// The page: one file that needs no network.
    #[must_use]
    pub fn to_html(&self) -> String {
        let mut html = Html::default();
        head(&mut html, self);
        html.markup("<body>\n<a class=\"skip\" href=\"#tree\">To the resources</a>\n");
        top(&mut html, self);
        html.markup("<main>\n");
        changes::grave(&mut html, self);
        access(&mut html, self, Access::Opened);
        findings(&mut html, &self.findings);
        picture(&mut html, self);
        changes::others(&mut html, self);
        if self.baseline.is_some() {
            access(&mut html, self, Access::Closed);
        }
        tree::write(&mut html, self);
        html.markup("</main>\n<script type=\"text/plain\" id=\"templates\">")
            .data(self.stacks.iter().map(|stack| &*stack.template))
            .markup("</script>\n<script>")
            .markup(SCRIPT)
            .markup("</script>\n</body>\n</html>\n");
        html.end()
    }
}

fn head(html: &mut Html, review: &Review) {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        base64(&Hash::hash(STYLE.as_bytes())),
        base64(&Hash::hash(SCRIPT.as_bytes())),
    );
    html.markup(OURS)
        .markup("<meta http-equiv=\"Content-Security-Policy\"")
        .attribute("content", &policy)
        .markup(">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .element("<title>", &title(review), "</title>\n<style>")
        .markup(STYLE)
        .markup("</style>\n</head>\n");
}

fn title(review: &Review) -> String {
    let stacks = counted(review.stacks.len(), "stack", "stacks");
    match &review.baseline {
        Some(baseline) => format!("Review of {stacks} since {baseline}"),
        None => format!("Review of {stacks}"),
    }
}

fn top(html: &mut Html, review: &Review) {
    html.markup("<header>\n<div>")
        .element("<h1>", &title(review), "</h1>\n");
    let grave =
        review.is_destructive() || review.stacks.iter().any(|stack| !stack.grave().is_empty());
    html.markup(match (grave, review.is_broadening()) {
        (true, _) => "<p class=\"verdict bad\">",
        (false, true) => "<p class=\"verdict open\">",
        (false, false) => "<p class=\"verdict\">",
    });
    html.text(&verdict(review)).markup("</p>\n");
    if !review.unknown.is_empty() {
        html.markup("<p class=\"verdict open\">Whether these would be replaced is not known, as this program has no facts about them: ")
            .text(&review.unknown.join(", "))
            .markup("</p>\n");
    }
    html.markup("</div>\n<button type=\"button\" id=\"theme\" hidden>Dark</button>\n</header>\n");
}

fn access(html: &mut Html, review: &Review, access: Access) {
    let all = review.stacks.iter().flat_map(|stack| &stack.access);
    let all: Vec<_> = all.filter(|one| one.access == access).collect();
    if all.is_empty() {
        return;
    }
    let is_folded = access == Access::Closed || review.baseline.is_none();
    html.markup(match (access, review.baseline.is_some()) {
        (Access::Opened, true) => {
            "<section id=\"opened\" class=\"opened\"><h2>Newly allowed</h2>\n"
        }
        (Access::Opened, false) => "<section id=\"opened\"><h2>Who may do what</h2>\n",
        (Access::Closed, _) => "<section id=\"closed\"><h2>No longer allowed</h2>\n",
    });
    if is_folded {
        html.markup("<details class=\"all\"><summary>")
            .text(&counted(all.len(), "sentence", "sentences"))
            .markup("</summary>\n");
    }
    html.markup("<ul class=\"sentences\">\n");
    all.iter().for_each(|one| sentence(html, one));
    html.markup("</ul>\n");
    if is_folded {
        html.markup("</details>\n");
    }
    html.markup("</section>\n");
}

fn sentence(html: &mut Html, sentence: &Sentence) {
    html.markup(if sentence.is_wide {
        "<li class=\"wide\""
    } else {
        "<li"
    });
    html.attribute("title", &sentence.exactly).markup(">");
    for part in &sentence.parts {
        match part {
            Part::Said(text) => html.text(text),
            Part::Name(name) => html.element("<code>", name, "</code>"),
        };
    }
    html.markup("</li>\n");
}

fn findings(html: &mut Html, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    html.markup("<section id=\"findings\"><h2>Findings</h2>\n");
    for finding in findings {
        html.markup("<details class=\"finding\"><summary>")
            .element("<b>", &finding.code, "</b> ")
            .text(&finding.message);
        line(html, finding.line.as_deref());
        html.markup("</summary>\n");
        if !finding.construct.is_empty() {
            html.element("<p>In <code>", &finding.construct, "</code></p>\n");
        }
        if !finding.help.is_empty() {
            html.element("<p>", &finding.help, "</p>\n");
        }
        html.element("<p><b>", &finding.title, "</b> ");
        html.text(&finding.explanation).markup("</p></details>\n");
    }
    html.markup("</section>\n");
}

/// The place in the program.
fn line(html: &mut Html, line: Option<&str>) {
    if let Some(line) = line {
        html.element(" <span class=\"line-of\">", line, "</span>");
    }
}

fn picture(html: &mut Html, review: &Review) {
    if review.picture.nodes.is_empty() {
        return;
    }
    html.markup("<section id=\"picture\"><h2>The system</h2>\n");
    if review.baseline.is_some() {
        html.markup(
            "<p class=\"legend\"><span class=\"added\">+ new</span> <span class=\"changed\">~ changes</span> \
             <span class=\"removed\">\u{2212} is gone</span></p>\n",
        );
    }
    html.markup("<div class=\"picture\" tabindex=\"0\">\n")
        .picture(&review.picture)
        .markup("</div></section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_style_cannot_end_their_elements() {
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
    }
}
