//! The one walk over a finished template, in which every value is shown to the checks about it.

use crate::check::cycle::Graph;
use crate::check::parts::{Part, Place};
use crate::check::properties::{self, Facts};
use crate::check::references::{self, Reference};
use crate::check::report::Report;
use crate::check::symbols::{Symbol, Symbols};
use crate::check::walk::{Trail, walk};
use crate::check::{dangling, early, functions, lookups, maybe, nulls, resource_cycles, secrets};
use crate::json::Json;
use crate::resolve::Draft;

/// Runs the checks of single values, and those that need what all values refer to; yields which resource refers to which.
pub(crate) fn check(
    report: &mut Report<'_>,
    facts: &mut Facts,
    symbols: &Symbols<'_>,
    parts: &[Part<'_>],
    draft: &Draft,
) -> Graph {
    let mut checks = Checks {
        report,
        facts,
        symbols,
        draft,
        graph: resource_cycles::stated(symbols, &draft.template),
    };
    let mut trail = Trail::default();
    for part in parts {
        checks.part(part, &mut trail);
    }
    let Checks { report, graph, .. } = checks;
    resource_cycles::check(report, symbols, draft, &graph);
    graph
}

struct Checks<'c, 't> {
    report: &'c mut Report<'t>,
    facts: &'c mut Facts,
    symbols: &'c Symbols<'c>,
    draft: &'c Draft,
    /// Which resource needs which.
    graph: Graph,
}

impl Checks<'_, '_> {
    fn part<'a>(&mut self, part: &Part<'a>, trail: &mut Trail<'a>) {
        dangling::check_condition(self.report, self.symbols, part);
        early::check_export(self.report, self.symbols, part);
        let mut holds_null = false;
        walk(
            part.json,
            trail.restart(part.name),
            &mut |json, trail| match json {
                Json::Null => holds_null = true,
                Json::Text(text) => secrets::check_text(self.report, part, text, trail),
                Json::Token(token) => {
                    if let Some(function) = token.function() {
                        self.function(part, function, trail);
                    }
                    references::each(json, &mut |reference| {
                        self.reference(part, reference, trail);
                    });
                }
                _ => {}
            },
        );
        if holds_null {
            nulls::check(self.report, part);
        }
    }

    fn function(&mut self, part: &Part<'_>, function: (&str, &Json), trail: &Trail<'_>) {
        functions::check(self.report, part, function, trail);
        early::check_import(self.report, self.symbols, part, function);
        lookups::check(self.report, part, function, trail, &self.draft.template);
    }

    fn reference(&mut self, part: &Part<'_>, reference: Reference<'_>, trail: &Trail<'_>) {
        dangling::check(self.report, self.symbols, part, reference, trail);
        let target = reference.value().and_then(|name| self.symbols.value(name));
        let Some(Symbol::Resource(index)) = target else {
            return;
        };
        if part.place == Place::Resource {
            self.graph.add(part.index, index);
        }
        let template = &self.draft.template;
        let target = (reference, &template.resources[index]);
        maybe::check(self.report, template, part, target, trail);
        let reader = match (part.place, part.name) {
            (Place::Output, _) => self.draft.node,
            (Place::Resource, "Properties") => part.node,
            _ => return,
        };
        if let Reference::Attribute(_, attribute) = reference {
            let target = &self.draft.template.resources[index];
            properties::check_attribute(self.report, self.facts, (reader, target), attribute);
        }
    }
}
