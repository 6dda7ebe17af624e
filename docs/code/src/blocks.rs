//! The code blocks of a page of the guide, with their place.
//!
//! Used by the build script, which turns those in Rust into modules, and by the tests, which run the others.

/// A block between fences.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    /// What stands behind the fence: `rust`, `sh`, `toml`, ..
    pub(crate) language: String,
    /// The number of the line with the opening fence, from 1.
    pub(crate) line: usize,
    /// The lines in between, without what the fence is indented by.
    pub(crate) lines: Vec<String>,
}

impl Block {
    /// The block as a text.
    pub(crate) fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Whether it is a whole program, with a command line of its own.
    pub(crate) fn is_program(&self) -> bool {
        self.language != "rust,items"
            && self.language.starts_with("rust")
            && self.text().contains("cloudwright::main(")
    }
}

/// The blocks of a page, in their order.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<(Block, usize)> = None;
    for (number, line) in page.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let fence = line.trim_start().strip_prefix("```");
        match (&mut open, fence) {
            (None, Some(language)) => {
                let block = Block {
                    language: language.trim().to_owned(),
                    line: number + 1,
                    lines: Vec::new(),
                };
                open = Some((block, indent));
            }
            (Some(_), Some(_)) => blocks.extend(open.take().map(|(block, _)| block)),
            (Some((block, indent)), None) => {
                let line = line.get(*indent..).unwrap_or_default();
                block.lines.push(line.to_owned());
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is never closed: {open:?}");
    blocks
}
