//! The form that is posted: the object as a file, and the provider's metadata
//! ([RFC 7578](https://www.rfc-editor.org/rfc/rfc7578)).

use serde_json::Value;

/// The part with the object.
const FILE: &str = "file";
/// The part with the metadata.
const METADATA: &str = "metadataInput";

/// A form with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What stands between the parts.
    pub boundary: String,
    /// All of it.
    pub body: Vec<u8>,
}

impl Form {
    /// The form of an object: its key, its content's type and content, and the unique id. Its bytes
    /// depend on nothing else.
    #[must_use]
    pub fn new(key: &str, kind: Option<&str>, content: &[u8], unique_id: &str) -> Self {
        let boundary = boundary(content);
        let file = quoted(key.rsplit('/').next().unwrap_or(key));
        let kind = kind.filter(|kind| kind.bytes().all(|byte| (b' '..0x7f).contains(&byte)));
        let kind = kind.unwrap_or("application/octet-stream");
        // As the providers' own programs lay it out.
        let metadata = format!("{{\n    \"uniqueID\": {}\n}}", Value::from(unique_id));
        let before = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{FILE}\"; filename=\"{file}\"\r\n\
             Content-Type: {kind}\r\n\r\n"
        );
        let after = format!(
            "\r\n--{boundary}\r\nContent-Disposition: form-data; name=\"{METADATA}\"\r\n\r\n\
             {metadata}\r\n--{boundary}--\r\n"
        );
        Self {
            body: [before.as_bytes(), content, after.as_bytes()].concat(),
            boundary,
        }
    }

    /// The value of the header `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }
}

/// The id of an object at the archive: the provider's id and where the content comes from, unless that
/// begins with the provider's id already.
#[must_use]
pub fn unique_id(provider: &str, source: &str) -> String {
    match source.starts_with(provider) {
        true => source.to_owned(),
        false => format!("{provider}-{source}"),
    }
}

/// The hash of the content: nobody can write a content that holds it.
fn boundary(content: &[u8]) -> String {
    let digest = hmac_sha256::Hash::hash(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As browsers write a file's name.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_exactly_these_bytes() {
        let form = Form::new(
            "a/b \"c\".json",
            Some("application/json"),
            b"{}\r\n",
            "PRO-7",
        );
        let boundary = &form.boundary;
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b %22c%22.json\"\r\n\
             Content-Type: application/json\r\n\r\n{{}}\r\n\r\n--{boundary}\r\n\
             Content-Disposition: form-data; name=\"metadataInput\"\r\n\r\n\
             {{\n    \"uniqueID\": \"PRO-7\"\n}}\r\n--{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8(form.body.clone()).unwrap(), expected);
        assert_eq!(boundary.len(), 64);
        let type_of_form = format!("multipart/form-data; boundary={boundary}");
        assert_eq!(form.content_type(), type_of_form);
    }

    #[test]
    fn a_type_or_a_name_does_not_break_out_of_its_header() {
        let form = Form::new("a\r\nX: y", Some("a/b\r\nX: y"), b"", "\"\n");
        let text = String::from_utf8(form.body).unwrap();
        assert!(!text.contains("\r\nX:"), "{text}");
        assert!(
            text.contains("filename=\"a%0D%0AX: y\"\r\nContent-Type: application/octet-stream\r\n")
        );
        assert!(text.contains(r#""uniqueID": "\"\n""#), "{text}");
    }

    #[test]
    fn an_id_begins_with_the_provider_once() {
        assert_eq!(unique_id("PRO", "vessel"), "PRO-vessel");
        assert_eq!(unique_id("PRO", "PRO-vessel"), "PRO-vessel");
        assert_eq!(unique_id("PRO", "the-PRO-vessel"), "PRO-the-PRO-vessel");
    }
}
