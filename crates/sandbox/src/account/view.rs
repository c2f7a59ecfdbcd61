//! The fields of an integration in a response.

use serde_json::{Map, Value};

use crate::account::integration::Integration;
use crate::contract::parameters::Values;
use crate::contract::providers::Providers;

/// The only field that the default view lacks.
const PROVIDER: &str = "provider";

/// Which fields of an integration a response has.
#[derive(Debug, PartialEq, Eq)]
pub enum View {
    Default,
    Full,
    /// These fields and the id.
    These(Vec<String>),
}

impl View {
    /// Reads `fields`, which overrides `view`. An unknown view is the default one.
    pub fn of(query: &Values) -> Self {
        match (query.list("fields"), query.get("view")) {
            (Some(names), _) => Self::These(names),
            (None, Some("full")) => Self::Full,
            (None, _) => Self::Default,
        }
    }

    pub fn show(&self, integration: &Integration, providers: &Providers) -> Map<String, Value> {
        let mut shown = integration.to_json();
        shown.retain(|name, _| name == "id" || self.has(name));
        if self.has(PROVIDER)
            && let Some(provider) = providers.get(&integration.provider_id)
        {
            shown.insert(PROVIDER.to_owned(), provider.description.clone());
        }
        shown
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::Default => name != PROVIDER,
            Self::Full => true,
            Self::These(names) => names.iter().any(|it| it == name),
        }
    }
}
