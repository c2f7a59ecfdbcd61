#![doc = include_str!("../README.md")]

// The generated code names this crate as its users do.
extern crate self as ocamba_hood;

mod answer;
mod attempt;
mod body;
mod client;
mod connections;
mod counters;
mod error;
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
mod new_integration;
mod open_enum;
#[cfg(feature = "otel")]
mod otel;
mod progress;
mod provider_info;
mod raw_settings;
mod response;
mod retry;
mod secret;
mod tracked_body;
mod transport;
mod validation;

#[doc(hidden)]
pub use answer::read_any_answer;
pub use attempt::Attempt;
pub use body::Body;
#[doc(hidden)]
pub use body::Wire;
pub use client::{Client, ClientBuilder};
pub use counters::Counters;
pub use error::{Error, Kind, Outcome, Problem};
pub use generated::exports::*;
pub use integration::Integration;
#[doc(hidden)]
pub use integration::Received;
pub use integrations::{Create, Integrations};
pub use lane::{IfUnavailable, Lane, LaneStatus, Tier};
pub use new_integration::NewIntegration;
pub use progress::Progress;
pub use provider_info::{ProviderInfo, SettingInfo, SettingKind, providers};
pub use raw_settings::RawSettings;
pub use response::Response;
pub use secret::{REDACTED, Secret, reveal};

/// The project's README, whose examples are tested with the crate's.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct ProjectReadme;
