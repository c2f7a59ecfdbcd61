//! The provider of an integration and its settings, which are two fields of a response: read as one, and written as two.

use serde::ser::{Error as _, SerializeMap};
use serde_json::{Map, Value};

use super::generated::exports::Provider;
use super::provider_info::{ProviderInfo, SettingInfo};
use super::raw_values::RawValues;

/// Keeps settings. A null is given back, so that it is written back.
pub fn keep_settings(place: &mut Value, value: Value) -> Option<Value> {
    *place = value;
    place.is_null().then_some(Value::Null)
}

/// Returns the provider, typed if its settings fit, and the settings that it does not know.
pub fn read_provider(provider_id: String, settings: Value) -> (Provider, RawValues) {
    // A missing setting, or one of another type, makes the provider unknown: then all settings are kept unchanged.
    let fitting = |settings: &Map<String, Value>| {
        let info = ProviderInfo::of(&provider_id)?;
        let fits = |s: &SettingInfo| settings.get(s.name).map_or(!s.required, |value| s.kind.fits(value));
        info.settings.iter().all(fits).then_some(info)
    };
    let unknown = |provider_id, settings| {
        (Provider::Unknown { provider_id, settings: RawValues::new(settings) }, RawValues::default())
    };
    let Some(info) = settings.as_object().and_then(fitting) else { return unknown(provider_id, settings) };
    let is_foreign = |name: &String| info.setting(name).is_none();
    if settings.as_object().is_none_or(|all| !all.keys().any(is_foreign)) {
        return match Provider::known(&provider_id, &settings) {
            Some(Ok(provider)) => (provider, RawValues::default()),
            _ => unknown(provider_id, settings),
        };
    }
    let all = settings.as_object().cloned().unwrap_or_default();
    let (foreign, known): (Map<_, _>, Map<_, _>) = all.into_iter().partition(|(name, _)| is_foreign(name));
    match Provider::known(&provider_id, &Value::Object(known)) {
        Some(Ok(provider)) => (provider, foreign.into()),
        _ => unknown(provider_id, settings),
    }
}

/// Writes the provider's id and all settings.
pub fn write_provider<M: SerializeMap>(map: &mut M, provider: &Provider, extra: &RawValues) -> Result<(), M::Error> {
    let mut fields = serde_json::to_value(provider).map_err(M::Error::custom)?;
    let extra = serde_json::to_value(extra).map_err(M::Error::custom)?;
    if let (Some(settings), Value::Object(extra)) = (fields["settings"].as_object_mut(), extra) {
        settings.extend(extra);
    }
    // An empty id means that there was none, and null settings that there were none: a null that was sent is in `extra`.
    let is_present = |(name, value): &(&String, &Value)| match name.as_str() {
        "settings" => !value.is_null(),
        _ => !provider.id().is_empty(),
    };
    let mut present = fields.as_object().into_iter().flatten().filter(is_present);
    present.try_for_each(|(name, value)| map.serialize_entry(name, value))
}
