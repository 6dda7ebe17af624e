//! Every CloudFormation resource type as a typed builder (L1), generated from facts.

pub(crate) use cloudwright_synth as synth;

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

fn find<'a, T>(rows: &'a [(&str, T)], name: &str) -> Option<&'a T> {
    let found = rows.binary_search_by_key(&name, |(key, _)| key);
    found.ok().map(|index| &rows[index].1)
}
