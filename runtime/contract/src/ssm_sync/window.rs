//! Few commands for many changes.

use crate::writer::Writer;

/// Makes few commands of many changes: the first one is sent at once, and changes in the time after it
/// share the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Window<V = String> {
    /// How long further changes wait, in seconds: 1 to 900. A message of the queue has to stay hidden for
    /// longer while it is worked on.
    pub seconds: u32,
    /// The URL of the queue that brings the function its events, which is no FIFO queue: a change that waits
    /// is put back there.
    pub queue_url: V,
}

impl<V> Window<V> {
    pub(super) fn write<L: Fn(String) -> V>(self, variables: &mut Writer<V, L>) {
        variables.text("WINDOW_SECONDS".to_owned(), self.seconds.to_string());
        variables.value("WINDOW_QUEUE_URL".to_owned(), Some(self.queue_url));
    }
}
