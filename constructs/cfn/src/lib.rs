//! Every CloudFormation resource type as a typed builder (L1), generated from facts.
//!
//! ```
//! use cloudwright_cfn::{lambda, s3, sqs};
//! use cloudwright_synth::{App, Environment};
//!
//! let app = App::new();
//! let stack = app.stack("Uploads", Environment::agnostic());
//! let queue = stack.add("Jobs", sqs::Queue::new().delay_seconds(30));
//! let bucket = stack.add("Bucket", s3::Bucket::new().bucket_name("uploads"));
//! stack.add("Reader", sqs::QueueInlinePolicy::new(
//!     cloudwright_synth::json!({ "Resource": queue.arn() }),
//!     queue.queue_url(),
//! ));
//! stack.add("Function", lambda::Function::new(
//!     lambda::function::Code::new().s3_bucket(&bucket).s3_key("code.zip"),
//!     "arn:aws:iam::123456789012:role/worker",
//! ).runtime(lambda::function::Runtime::ProvidedAl2023));
//! let template = app.synth().unwrap();
//! ```

pub(crate) use cloudwright_synth as synth;

// With the facts alone, no type is made.
#[cfg_attr(feature = "facts", allow(dead_code, unused_imports, unused_macros))]
mod macros;

include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// The facts about a resource type, in the notation of the spec files; `None` when its service's
/// feature is off or the type is unknown.
///
/// ```
/// let facts = cloudwright_cfn::schema("AWS::SQS::Queue").unwrap();
/// assert!(facts.contains("  DelaySeconds int 0..900\n"));
/// ```
#[must_use]
pub fn schema(type_name: &str) -> Option<&'static str> {
    let (service, resource) = type_name.strip_prefix("AWS::")?.split_once("::")?;
    let types = find(SERVICES, service)?;
    find(types, resource).copied()
}

#[cfg(feature = "facts")]
include!(concat!(env!("OUT_DIR"), "/facts.rs"));

/// The facts about a resource type of any service, whichever features are on.
///
/// ```
/// let facts = cloudwright_cfn::facts("AWS::SQS::Queue").unwrap();
/// assert!(facts.starts_with("resource AWS::SQS::Queue\n"));
/// assert!(cloudwright_cfn::facts("AWS::SQS::Que").is_none());
/// ```
#[cfg(feature = "facts")]
#[must_use]
pub fn facts(type_name: &str) -> Option<&'static str> {
    const NEXT: &str = "\nresource ";
    let (service, _) = type_name.strip_prefix("AWS::")?.split_once("::")?;
    let (_, text) = FACTS.iter().find(|(name, _)| *name == service)?;
    let start = text.find(&format!("{NEXT}{type_name}\n"))? + 1;
    let end = text[start..].find(NEXT);
    Some(&text[start..end.map_or(text.len(), |end| start + end + 1)])
}

fn find<'a, T>(rows: &'a [(&str, T)], name: &str) -> Option<&'a T> {
    let found = rows.binary_search_by_key(&name, |(key, _)| key);
    found.ok().map(|index| &rows[index].1)
}
