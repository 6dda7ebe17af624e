//! Work with running systems, in front of scripted services: what is sent, what is shown, and what is never lost.

mod fake;
mod letters;
mod operations;
mod secrets;
mod watching;
