//! How literals are judged: by the patterns that need no regular expression engine, or by all.

use cloudwright_spec::{Finding, Resource};

use crate::json::Json;

/// What finds the mistakes in the literals of a resource.
pub(crate) struct Judge {
    #[cfg(feature = "full")]
    engine: Option<cloudwright_spec::Engine>,
}

impl Judge {
    /// `every_pattern` has no effect without the feature `full`.
    #[cfg_attr(not(feature = "full"), allow(unused_variables))]
    pub(crate) fn new(every_pattern: bool) -> Self {
        Self {
            #[cfg(feature = "full")]
            engine: every_pattern.then(Default::default),
        }
    }

    pub(crate) fn findings(&mut self, known: &Resource<'_>, properties: &Json) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut report = |finding| found.push(finding);
        #[cfg(feature = "full")]
        if let Some(engine) = &mut self.engine {
            engine.check(known, properties, &mut report);
            return found;
        }
        cloudwright_spec::check(known, properties, &mut report);
        found
    }
}
