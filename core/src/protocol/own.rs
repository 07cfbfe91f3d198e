//! What belongs to one wire format and goes back only there: signatures, fields of a part, unknown blocks.

use super::Target;
use super::body::Losses;
use crate::json::read::{Object, Value};
use crate::json::write::JsonWriter;
use crate::types::{OpaquePart, ProviderData};

/// Whether data go back to this provider: what one wrote means nothing to another that speaks the same format.
pub(crate) fn returns(data: &ProviderData, protocol: &str, target: &Target) -> bool {
    data.protocol == protocol && data.provider.as_ref().is_none_or(|provider| *provider == target.provider)
}

/// The fields in it.
pub(crate) fn fields(data: &ProviderData) -> Object<'_> {
    Value::parse(&data.data).map(Value::object).unwrap_or_default()
}

/// Two values of one name: two lists are one after the other, else the second counts.
pub(crate) fn joined(first: &str, second: &str) -> String {
    let begun = first.trim_end().strip_suffix(']').map(str::trim_end);
    let rest = second.trim_start().strip_prefix('[').map(str::trim_start);
    match (begun, rest) {
        (Some("["), Some(_)) | (None, _) | (_, None) => second.to_owned(),
        (Some(_), Some("]")) => first.to_owned(),
        (Some(begun), Some(rest)) => format!("{begun},{rest}"),
    }
}

/// Writes the fields of a part that go back to this provider.
pub(crate) fn write_fields(
    json: &mut JsonWriter,
    data: Option<&ProviderData>,
    protocol: &str,
    target: &Target,
) {
    if let Some(data) = data.filter(|data| returns(data, protocol, target)) {
        fields(data).iter().for_each(|(name, value)| json.key(name).raw(value.raw()));
    }
}

impl Losses {
    /// Tells of a part's fields that belong elsewhere and are left out.
    pub(crate) fn foreign_fields(
        &mut self,
        path: &str,
        data: Option<&ProviderData>,
        protocol: &str,
        target: &Target,
    ) {
        if let Some(data) = data.filter(|data| !returns(data, protocol, target)) {
            self.dropped(format!("{path}.provider_data"), format!("belongs to {}", owner(data)));
        }
    }

    /// Tells of a part that belongs elsewhere and is left out.
    pub(crate) fn foreign_part(&mut self, path: String, part: &OpaquePart) {
        self.dropped(path, format!("`{}` belongs to {}", part.name, owner(&part.provider_data)));
    }
}

fn owner(data: &ProviderData) -> &str {
    data.provider.as_deref().unwrap_or(&data.protocol)
}
