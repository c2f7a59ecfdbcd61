//! The vendor's data: integrations, providers and their settings. It knows no HTTP: a request body
//! is checked JSON text here, and a response is JSON to be read tolerantly.

mod ensured;
mod field_update;
#[allow(clippy::all, clippy::unwrap_used, dead_code, missing_docs, rustdoc::broken_intra_doc_links, unused_imports)]
#[rustfmt::skip]
pub mod generated;
#[cfg(test)]
mod integration_tests;
mod json;
mod known_providers;
mod new_integration;
mod open_enum;
mod page;
mod provider_description;
mod provider_info;
mod raw_values;
mod request_body;
mod result_settings;
#[rustfmt::skip]
mod results;
mod suggestion;
mod surrogates;
mod tolerant;
mod update_integration;
mod validation;

pub use ensured::{Action, Ensured};
pub use field_update::FieldUpdate;
pub use generated::exports::*;
pub use json::{Json, Text};
pub use known_providers::providers;
pub use new_integration::NewIntegration;
pub use page::Page;
pub use provider_info::{ProviderInfo, SettingInfo, SettingKind};
pub use raw_values::RawValues;
pub use request_body::{RequestBody, secrets_of};
pub use results::{Integration, ProviderDescription, SettingDescription};
pub use suggestion::did_you_mean;
pub use surrogates::without_lone_surrogates;
pub use tolerant::text_of_id;
pub use update_integration::UpdateIntegration;
