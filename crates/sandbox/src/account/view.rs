//! The fields of an integration in a response.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use crate::account::integration::Integration;
use crate::account::time;
use crate::contract::error_response::ErrorResponse;
use crate::contract::parameters::Values;
use crate::contract::providers::Providers;
use crate::contract::unknowns::{Assumptions, CreateTime, DefaultView, FieldsId, Secrets, UnknownView};

const PROVIDER: &str = "provider";
const SETTINGS: &str = "settings";

/// Which fields of an integration a response has.
#[derive(Debug, PartialEq, Eq)]
pub enum View {
    Default,
    Full,
    /// These fields.
    These(Vec<String>),
}

impl View {
    /// Reads `fields`, which overrides `view`.
    pub fn of(query: &Values, assumed: &Assumptions) -> Result<Self, ErrorResponse> {
        Ok(match (query.list("fields"), query.get("view")) {
            (Some(names), _) => Self::These(names),
            (None, Some("full")) => Self::Full,
            (None, Some(view)) if view != "default" && assumed.unknown_view == UnknownView::Refused => {
                return Err(ErrorResponse::bad_request("view must be full or default"));
            }
            (None, _) => Self::Default,
        })
    }

    pub fn show(&self, integration: &Integration, providers: &Providers, assumed: &Assumptions) -> Map<String, Value> {
        let has = |name: &str| match self {
            Self::Default => match assumed.default_view {
                DefaultView::Settings => name != PROVIDER,
                DefaultView::All => true,
                DefaultView::Plain => name != PROVIDER && name != SETTINGS,
            },
            Self::Full => true,
            Self::These(names) => {
                names.iter().any(|it| it == name) || name == "id" && assumed.fields_id == FieldsId::Always
            }
        };
        let mut shown = integration.to_json();
        shown.retain(|name, _| has(name));
        let provider = providers.get(&integration.provider_id);
        if let Some(provider) = provider.filter(|_| has(PROVIDER)) {
            shown.insert(PROVIDER.to_owned(), provider.description.clone());
        }
        if let (Some(provider), Some(Value::Object(settings))) = (provider, shown.get_mut(SETTINGS)) {
            let secrets = settings.iter_mut().filter(|(name, _)| provider.has_secret(name));
            match assumed.secrets {
                Secrets::Clear => {}
                Secrets::Masked => secrets.for_each(|(_, value)| *value = "********".into()),
                Secrets::Missing => settings.retain(|name, _| !provider.has_secret(name)),
            }
        }
        if let Some(time) = shown.get_mut("create_time") {
            *time = of_time(integration.create_time, assumed.create_time);
        }
        shown
    }
}

/// Returns a time in a form. The other time zone is two hours ahead of GMT.
fn of_time(at: SystemTime, form: CreateTime) -> Value {
    match form {
        CreateTime::Gmt => time::text(at).into(),
        CreateTime::Local => time::text(at + Duration::from_secs(2 * 3_600)).into(),
        CreateTime::Iso8601 => (time::text(at).replace(' ', "T") + "Z").into(),
        CreateTime::Unix => at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().into(),
    }
}
