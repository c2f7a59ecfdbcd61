#![doc = include_str!("../README.md")]

// The generated code names this crate as its users do.
extern crate self as ocamba_hood;

mod answer;
mod attempt;
mod body;
mod call;
mod change;
mod client;
mod connections;
mod counters;
mod ensure;
mod error;
mod find;
#[allow(
    clippy::all,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    rustdoc::broken_intra_doc_links,
    unused_imports
)]
#[rustfmt::skip]
mod generated;
mod integration;
mod integrations;
mod json;
mod lane;
mod list;
mod names;
mod new_integration;
mod open_enum;
mod operation;
#[cfg(feature = "otel")]
mod otel;
mod overrides;
mod page;
mod progress;
mod provider_description;
mod provider_info;
mod providers;
mod query;
mod raw_settings;
mod received;
mod response;
mod retry;
mod scan;
mod secret;
mod tracked_body;
mod transport;
mod update_integration;
mod validation;

#[doc(hidden)]
pub use answer::read_any_answer;
pub use attempt::Attempt;
pub use body::Body;
#[doc(hidden)]
pub use body::Wire;
pub use call::Call;
pub use change::Change;
pub use client::{Client, ClientBuilder};
pub use counters::Counters;
pub use ensure::{Action, Ensured};
pub use error::{Error, Kind, Outcome, Problem};
pub use generated::exports::*;
pub use integration::Integration;
pub use integrations::Integrations;
pub use lane::{IfUnavailable, Lane, LaneStatus, Tier};
pub use list::{Items, List};
pub use new_integration::NewIntegration;
#[doc(hidden)]
pub use operation::Operation;
#[doc(hidden)]
pub use overrides::Overrides;
pub use page::Page;
pub use progress::Progress;
pub use provider_description::{ProviderDescription, SettingDescription};
pub use provider_info::{ProviderInfo, SettingInfo, SettingKind, providers};
pub use providers::Providers;
pub use raw_settings::RawSettings;
#[doc(hidden)]
pub use received::{NumericId, Received, ReceivedList};
pub use response::Response;
#[doc(hidden)]
pub use scan::Scan;
pub use secret::{REDACTED, Secret, reveal};
pub use update_integration::UpdateIntegration;

/// The project's README, whose examples are tested with the crate's.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct ProjectReadme;
