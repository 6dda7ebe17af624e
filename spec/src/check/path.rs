//! Where a check is, kept on the stack and written only for a finding.

/// A place within a resource's properties.
#[derive(Clone, Copy)]
pub(crate) enum Path<'p> {
    /// The properties as a whole.
    Root,
    /// A property or map key.
    Member(&'p Path<'p>, &'p str),
    /// A list element.
    Element(&'p Path<'p>, usize),
}

impl Path<'_> {
    /// The place as text: `Rules[0].Id`.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.push_to(&mut out);
        out
    }

    fn push_to(&self, out: &mut String) {
        match self {
            Path::Root => {}
            Path::Member(parent, name) => {
                parent.push_to(out);
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            Path::Element(parent, index) => {
                parent.push_to(out);
                out.push_str(&format!("[{index}]"));
            }
        }
    }
}
