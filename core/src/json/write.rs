//! JSON text, written field by field, with holes for blobs.
//!
//! The order of writing is the order of bytes, numbers print the same on every target (serde_json), and
//! JSON of the caller is copied as it stands.

use crate::types::{BlobEncoding, BlobSegment, BodySegment, TextSegment};

/// A document under construction.
#[derive(Debug, Default)]
pub(crate) struct JsonWriter {
    segments: Vec<BodySegment>,
    text: String,
    length: u64,
}

impl JsonWriter {
    /// `{`, what `fields` writes, `}`.
    pub(crate) fn object(&mut self, fields: impl FnOnce(&mut Self)) {
        self.begin_object();
        fields(self);
        self.end_object();
    }

    /// An object whose first field is its `type`.
    pub(crate) fn typed(&mut self, kind: &str, fields: impl FnOnce(&mut Self)) {
        self.object(|json| {
            json.key("type").string(kind);
            fields(json);
        });
    }

    /// `{`; [`JsonWriter::end_object`] must follow.
    pub(crate) fn begin_object(&mut self) {
        self.open('{');
    }

    /// `}`.
    pub(crate) fn end_object(&mut self) {
        self.text.push('}');
    }

    /// `[`, what `elements` writes, `]`.
    pub(crate) fn list(&mut self, elements: impl FnOnce(&mut Self)) {
        self.open('[');
        elements(self);
        self.text.push(']');
    }

    /// A field's name; its value must follow.
    pub(crate) fn key(&mut self, name: &str) -> &mut Self {
        self.comma();
        self.quoted(name);
        self.text.push(':');
        self
    }

    /// A string.
    pub(crate) fn string(&mut self, text: &str) {
        self.comma();
        self.quoted(text);
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, truth: bool) {
        self.raw(if truth { "true" } else { "false" });
    }

    /// A whole number.
    pub(crate) fn count(&mut self, number: u64) {
        self.raw(&number.to_string());
    }

    /// A whole number with a sign.
    pub(crate) fn integer(&mut self, number: i64) {
        self.raw(&number.to_string());
    }

    /// JSON as somebody else wrote it.
    pub(crate) fn raw(&mut self, json: &str) {
        self.comma();
        self.text.push_str(json);
    }

    /// A string that is `prefix` and then the blob in base64.
    pub(crate) fn base64_string(&mut self, prefix: &str, id: &str, blob_length: u64) {
        self.comma();
        self.quoted(prefix);
        self.text.pop();
        let text = std::mem::take(&mut self.text);
        // Four characters for every three bytes, padded (RFC 4648 section 4).
        self.length += text.len() as u64 + blob_length.div_ceil(3) * 4;
        self.segments.push(BodySegment::Text(TextSegment { text }));
        self.segments
            .push(BodySegment::Blob(BlobSegment { id: id.to_owned(), encoding: BlobEncoding::Base64 }));
        self.text.push('"');
    }

    /// The segments and the length of the joined body, in bytes.
    pub(crate) fn finish(mut self) -> (Vec<BodySegment>, u64) {
        self.length += self.text.len() as u64;
        self.segments.push(BodySegment::Text(TextSegment { text: self.text }));
        (self.segments, self.length)
    }

    /// The text, of a document without blobs.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    fn open(&mut self, bracket: char) {
        self.comma();
        self.text.push(bracket);
    }

    fn quoted(&mut self, text: &str) {
        self.text.push_str(&serde_json::to_string(text).unwrap_or_default());
    }

    /// A comma, unless this is the first thing in its bracket or follows a key.
    fn comma(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(',');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_stand_between_and_nowhere_else() {
        let mut json = JsonWriter::default();
        json.object(|json| {
            json.key("a").list(|json| {
                json.string("x:");
                json.string("{");
                json.object(|_| {});
            });
            json.key("b").raw("0.5");
            json.key("c").raw("{\"n\":1e400}");
        });
        let (segments, length) = json.finish();
        let expected = r#"{"a":["x:","{",{}],"b":0.5,"c":{"n":1e400}}"#;
        assert_eq!(segments, [BodySegment::Text(TextSegment { text: expected.into() })]);
        assert_eq!(length, expected.len() as u64);
    }

    #[test]
    fn a_blob_leaves_a_hole_of_its_encoded_length() {
        let mut json = JsonWriter::default();
        json.list(|json| {
            json.base64_string("data:image/png;base64,", "b", 4);
            json.boolean(true);
        });
        let (segments, length) = json.finish();
        assert_eq!(segments.len(), 3);
        assert_eq!(length, "[\"data:image/png;base64,AAAAAA==\",true]".len() as u64);
    }
}
