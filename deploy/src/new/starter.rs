//! What a project begins as. The programs are the examples themselves (links to their sources, which are packaged as files),
//! so that what is handed out is what is tested.

use std::path::Path;

use crate::told::Stop;

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
        "netstorage-sync",
        include_str!("starters/netstorage-sync.rs"),
        &["queue-worker"],
    ),
    Starter {
        more: &[
            ("catalog/Cargo.toml", include_str!("starters/catalog.toml")),
            (
                "catalog/src/lib.rs",
                include_str!("starters/catalog/lib.rs"),
            ),
            (
                "catalog/src/main.rs",
                include_str!("starters/catalog/main.rs"),
            ),
        ],
        ..starter(
            "object-catalog",
            include_str!("starters/object-catalog.rs"),
            &["cache-sync"],
        )
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
    starter(
        "solutions-constructs",
        include_str!("starters/solutions-constructs.rs"),
        &[],
    ),
    Starter {
        more: &[
            CONVERT[0],
            CONVERT[1],
            CONVERT[2],
            CONVERT[3],
            CONVERT[4],
            CONVERT[5],
            ("validate/validate.py", include_str!("starters/validate.py")),
            (
                "validate/configure.json",
                include_str!("starters/configure.json"),
            ),
        ],
        ..starter(
            "three-stages",
            include_str!("starters/three-stages.rs"),
            &["processing-pipeline"],
        )
    },
    Starter {
        more: &[
            CONVERT[0],
            CONVERT[1],
            CONVERT[2],
            CONVERT[3],
            CONVERT[4],
            CONVERT[5],
            (
                "convert-python/convert.py",
                include_str!("starters/convert.py"),
            ),
        ],
        ..starter(
            "wibl-pipeline",
            include_str!("starters/wibl-pipeline.rs"),
            &["processing-pipeline"],
        )
    },
];

/// The converter, which two examples have as a stage.
const CONVERT: [(&str, &str); 6] = [
    ("convert/Cargo.toml", include_str!("starters/convert.toml")),
    (
        "convert/src/event.rs",
        include_str!("starters/convert/event.rs"),
    ),
    (
        "convert/src/key.rs",
        include_str!("starters/convert/key.rs"),
    ),
    (
        "convert/src/lib.rs",
        include_str!("starters/convert/lib.rs"),
    ),
    (
        "convert/src/main.rs",
        include_str!("starters/convert/main.rs"),
    ),
    (
        "convert/src/soundings.rs",
        include_str!("starters/convert/soundings.rs"),
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
            let near = cloudwright_spec::nearest(name, STARTERS.iter().map(|one| one.name));
            let near = near.map_or_else(String::new, |near| format!("did you mean \"{near}\"? "));
            (
                2,
                format!(
                    "there is no example \"{name}\" to begin with\n   = help: {near}there are {known}"
                ),
            )
        })
    }

    /// The files of a project by name.
    pub(super) fn files(&self, name: &str, checkout: Option<&Path>) -> Vec<(String, String)> {
        let named = |text: &str| text.replace("NAME", name);
        let program = with_own_packages(self.program);
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
            (
                ".gitignore",
                "/target\n/cloudwright.out\n/review.html\n".to_owned(),
            ),
            ("README.md", named(include_str!("starters/README.md"))),
        ];
        let runtime = source(checkout, "runtime");
        let more = self.more.iter();
        files.extend(more.map(|(name, text)| (*name, text.replace("RUNTIME", &runtime))));
        files
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text))
            .collect()
    }

    fn manifest(&self, name: &str, checkout: Option<&Path>) -> String {
        let source = source(checkout, "constructs");
        let quoted: Vec<_> = self
            .features
            .iter()
            .map(|feature| format!("\"{feature}\""))
            .collect();
        let features = match &quoted[..] {
            [] => String::new(),
            features => format!(", features = [{}]", features.join(", ")),
        };
        let packages = self.more.iter();
        let packages = packages.filter_map(|(name, _)| name.strip_suffix("/Cargo.toml"));
        let members: String = packages
            .map(|package| format!("members = [\"{package}\"]\n"))
            .collect();
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\npublish = false\n\n\
             [dependencies]\ncloudwright = {{ {source}{features} }}\n\n\
             [dev-dependencies]\ncloudwright = {{ {source}, features = [\"testing\"] }}\n\n\
             [features]\ndeploy = [\"cloudwright/deploy\"]\ngraph = [\"cloudwright/graph\"]\noperate = [\"deploy\", \"cloudwright/operate\"]\n\
             review = [\"cloudwright/review\"]\n\n\
             [workspace]\n{members}"
        )
    }
}

/// Where a crate of cloudwright comes from, as members of a table in a manifest.
fn source(checkout: Option<&Path>, folder: &str) -> String {
    match checkout {
        // As a string of TOML, whatever is in the path.
        Some(path) => format!("path = {:?}", path.join(folder).display().to_string()),
        None => format!("version = \"{}\"", env!("CARGO_PKG_VERSION")),
    }
}

/// A program whose packages are beside it. The example is one of several in its package, and names their folders from
/// there: `package!("handler/book")`.
fn with_own_packages(program: &str) -> String {
    const PACKAGE: &str = "package!(\"";
    let mut parts = program.split(PACKAGE);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |made, part| {
        let folder = part.split_once('/').filter(|(name, _)| !name.contains('"'));
        made + PACKAGE + folder.map_or(part, |(_, below)| below)
    })
}
