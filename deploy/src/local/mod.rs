//! A local AWS: ministack, in an environment of its own, in the background, one for each folder that it is
//! started in.
//!
//! [`environment`] makes the pinned Python environment, [`engine`] starts the engine in it by the script
//! `engine.py`, which also mends what the engine does otherwise than AWS, and [`project`] remembers which engine
//! belongs to a folder. The tests of this repository start theirs by the same code.
//!
//! The engine listens on 127.0.0.1 only, evaluates IAM policies, and keeps everything in memory: when it ends,
//! what was deployed to it is gone. It takes any access key of 12 digits as that account's, and asks for no
//! secret.

pub mod engine;
pub mod environment;
mod http;
pub mod project;
