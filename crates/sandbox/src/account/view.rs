//! How much of an integration is told.

use serde_json::{Map, Value};

use crate::account::integration::Integration;
use crate::contract::parameters::Values;
use crate::contract::providers::Providers;

/// The only field that the default view lacks.
const PROVIDER: &str = "provider";

/// What of an integration is told.
#[derive(Debug, PartialEq, Eq)]
pub enum Fields {
    Default,
    Full,
    /// And the id.
    These(Vec<String>),
}

impl Fields {
    /// `fields` goes before `view`. A view that is not known is the default one.
    pub fn of(query: &Values) -> Self {
        match (query.list("fields"), query.get("view")) {
            (Some(names), _) => Self::These(names),
            (None, Some("full")) => Self::Full,
            (None, _) => Self::Default,
        }
    }

    pub fn tell(&self, integration: &Integration, providers: &Providers) -> Map<String, Value> {
        let mut told = integration.told();
        told.retain(|name, _| name == "id" || self.has(name));
        if self.has(PROVIDER)
            && let Some(provider) = providers.get(&integration.provider_id)
        {
            told.insert(PROVIDER.to_owned(), provider.description.clone());
        }
        told
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Self::Default => name != PROVIDER,
            Self::Full => true,
            Self::These(names) => names.iter().any(|it| it == name),
        }
    }
}
