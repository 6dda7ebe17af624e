//! Records of S3 notifications
//! ([structure](https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html)).

use serde_json::Value;

use super::envelope::Unreadable;
use super::event::{Change, ObjectEvent};
use super::{Item, Sequencer, decode_form};

pub(super) fn read(path: &str, record: &Value) -> Item {
    let fields = Fields {
        path,
        object: record,
    };
    let name = fields.required("/eventName")?;
    let name = name.strip_prefix("s3:").unwrap_or(name);
    let encoded = fields.required("/s3/object/key")?;
    let key = decode_form(encoded)
        .map_err(|problem| fields.problem("/s3/object/key", format!("{encoded:?}: {problem}")))?;
    Ok(ObjectEvent {
        change: Change::named(name),
        name: name.to_owned(),
        bucket: fields.required("/s3/bucket/name")?.to_owned(),
        key,
        region: fields.text("/awsRegion")?,
        time: fields.text("/eventTime")?,
        size: fields.size("/s3/object/size")?,
        etag: fields.etag("/s3/object/eTag")?,
        version_id: fields.text("/s3/object/versionId")?,
        sequencer: fields.sequencer("/s3/object/sequencer")?,
        principal: fields.text("/userIdentity/principalId")?,
    })
}

/// The fields of a record, by their JSON pointer. Null counts as left out.
pub(super) struct Fields<'a> {
    pub(super) path: &'a str,
    pub(super) object: &'a Value,
}

impl<'a> Fields<'a> {
    pub(super) fn required(&self, pointer: &str) -> Result<&'a str, Unreadable> {
        self.optional(pointer)?
            .ok_or_else(|| self.wrong(pointer, "a text"))
    }

    pub(super) fn text(&self, pointer: &str) -> Result<Option<String>, Unreadable> {
        Ok(self.optional(pointer)?.map(str::to_owned))
    }

    pub(super) fn etag(&self, pointer: &str) -> Result<Option<String>, Unreadable> {
        let etag = self.optional(pointer)?;
        Ok(etag.map(|etag| etag.trim_matches('"').to_owned()))
    }

    pub(super) fn size(&self, pointer: &str) -> Result<Option<u64>, Unreadable> {
        let size = |value: &Value| {
            value
                .as_u64()
                .ok_or_else(|| self.wrong(pointer, "a size in bytes"))
        };
        self.present(pointer).map(size).transpose()
    }

    pub(super) fn sequencer(&self, pointer: &str) -> Result<Option<Sequencer>, Unreadable> {
        let Some(text) = self.optional(pointer)? else {
            return Ok(None);
        };
        let problem = || {
            self.problem(
                pointer,
                format!("got {text:?}, expected a hexadecimal number"),
            )
        };
        Sequencer::new(text).map(Some).ok_or_else(problem)
    }

    /// An empty text counts as left out.
    fn optional(&self, pointer: &str) -> Result<Option<&'a str>, Unreadable> {
        let text = |value: &'a Value| value.as_str().ok_or_else(|| self.wrong(pointer, "a text"));
        let text = self.present(pointer).map(text).transpose()?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    fn present(&self, pointer: &str) -> Option<&'a Value> {
        self.object
            .pointer(pointer)
            .filter(|value| !value.is_null())
    }

    fn wrong(&self, pointer: &str, expected: &str) -> Unreadable {
        Unreadable::kind(&self.place(pointer), self.object.pointer(pointer), expected)
    }

    fn problem(&self, pointer: &str, problem: String) -> Unreadable {
        Unreadable::new(&self.place(pointer), problem)
    }

    fn place(&self, pointer: &str) -> String {
        format!("{}{}", self.path, pointer.replace('/', "."))
    }
}
