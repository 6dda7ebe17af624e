//! What a program gives to shells and to `man`: scripts that complete commands, and manual pages. Both are made of the very
//! grammar that reads a command line.

mod completions;
mod man;

pub use completions::{COMPLETIONS, completions, completions_command};
pub use man::{MAN, man, man_command};
