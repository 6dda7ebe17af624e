//! What a project begins as. The programs are the examples themselves (links to their sources, which are packaged as files),
//! so that what is handed out is what is tested.

use std::path::Path;

use crate::app::Stop;

/// What a project begins as unless something else is said.
pub(super) const USUAL: &str = "quickstart";

/// An example that a project can begin as.
pub(super) struct Starter {
    name: &'static str,
    program: &'static str,
    /// The features of cloudwright that it needs.
    features: &'static [&'static str],
    /// Further files of the project by name.
    more: &'static [(&'static str, &'static str)],
}

const fn starter(
    name: &'static str,
    program: &'static str,
    features: &'static [&'static str],
) -> Starter {
    Starter {
        name,
        program,
        features,
        more: &[],
    }
}

const STARTERS: &[Starter] = &[
    starter("quickstart", include_str!("starters/quickstart.rs"), &[]),
    starter(
        "environments",
        include_str!("starters/environments.rs"),
        &[],
    ),
    Starter {
        more: &[
            ("book/Cargo.toml", include_str!("starters/book.toml")),
            ("book/src/main.rs", include_str!("starters/book.rs")),
        ],
        ..starter("handler", include_str!("starters/handler.rs"), &[])
    },
    starter(
        "pypi-cache",
        include_str!("starters/pypi-cache.rs"),
        &["package-index"],
    ),
    starter(
        "replicated-bucket",
        include_str!("starters/replicated-bucket.rs"),
        &["replicated-bucket"],
    ),
    starter(
        "ssm-sync-fleet",
        include_str!("starters/ssm-sync-fleet.rs"),
        &["ssm-sync-fleet"],
    ),
];

/// The examples that there are, in a row.
pub(super) fn names() -> String {
    let names: Vec<_> = STARTERS.iter().map(|starter| starter.name).collect();
    names.join(", ")
}

impl Starter {
    /// The example of a name.
    pub(super) fn find(name: &str) -> Result<&'static Self, Stop> {
        let found = STARTERS.iter().find(|starter| starter.name == name);
        found.ok_or_else(|| {
            let known = names();
            (
                2,
                format!(
                    "there is no example \"{name}\" to begin with\n   = help: there are {known}"
                ),
            )
        })
    }

    /// The files of a project by name.
    pub(super) fn files(&self, name: &str, checkout: Option<&Path>) -> Vec<(String, String)> {
        let named = |text: &str| text.replace("NAME", name);
        // The example is one of several in its package; here the package is its own.
        let program = self.program.replace("package!(\"handler/", "package!(\"");
        let mut files = vec![
            ("Cargo.toml", self.manifest(name, checkout)),
            ("src/main.rs", program),
            (
                "tests/templates.rs",
                named(include_str!("starters/templates.rs")),
            ),
            (
                ".github/workflows/ci.yml",
                include_str!("starters/ci.yml").to_owned(),
            ),
            (".gitignore", "/target\n/cloudwright.out\n".to_owned()),
            ("README.md", named(include_str!("starters/README.md"))),
        ];
        files.extend(
            self.more
                .iter()
                .map(|(name, text)| (*name, (*text).to_owned())),
        );
        files
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text))
            .collect()
    }

    fn manifest(&self, name: &str, checkout: Option<&Path>) -> String {
        let version = env!("CARGO_PKG_VERSION");
        let source = match checkout {
            // As a string of TOML, whatever is in the path.
            Some(path) => format!("path = {:?}", path.join("constructs").display().to_string()),
            None => format!("version = \"{version}\""),
        };
        let quoted: Vec<_> = self
            .features
            .iter()
            .map(|feature| format!("\"{feature}\""))
            .collect();
        let features = match &quoted[..] {
            [] => String::new(),
            features => format!(", features = [{}]", features.join(", ")),
        };
        let members = match self.more {
            [] => "",
            _ => "members = [\"book\"]\n",
        };
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
             [dependencies]\ncloudwright = {{ {source}{features} }}\n\n\
             [dev-dependencies]\ncloudwright = {{ {source}, features = [\"testing\"] }}\n\n\
             [features]\ndeploy = [\"cloudwright/deploy\"]\ngraph = [\"cloudwright/graph\"]\noperate = [\"deploy\", \"cloudwright/operate\"]\n\n\
             [workspace]\n{members}"
        )
    }
}
