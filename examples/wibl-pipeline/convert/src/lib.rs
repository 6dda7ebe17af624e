//! Turns the raw file of a logger (`.wibl`) into GeoJSON for the next stage.
//!
//! It stands for the science code of a data team, so its format is a small one:
//!
//! ```text
//! WIBL <vessel> <logger>
//! <time>,<longitude>,<latitude>,<depth in metres>
//! ..
//! ```
//!
//! What later stages rely on is here too: how the results are called ([`output_key`]), what their tags say
//! ([`Converted::tags`]), and that a file which makes no sense is refused with the reason.

mod event;
mod key;
mod soundings;

pub use event::{Object, objects};
pub use key::{decode_form, encode_form, output_key};
pub use soundings::{Converted, convert};
