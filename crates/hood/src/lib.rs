#![doc = include_str!("../README.md")]

// The generated code names this crate as its users do.
extern crate self as ocamba_hood;

mod client;
mod clock;
mod coordination;
mod env;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod model;
mod network;
mod operations;
mod printable;
mod secret;
#[cfg(feature = "simulation")]
#[doc(hidden)]
pub mod simulation;
mod transport;

#[doc(hidden)]
pub use client::DEFAULT_BASE_URL;
pub use client::{Call, Client, ClientBuilder, Integrations, Items, List, Providers};
#[doc(hidden)]
pub use clock::Moment;
#[doc(hidden)]
pub use coordination::private_folder::{create as create_private_folder, open_named as open_private_file};
pub use coordination::{IfUnavailable, RateLimit, RateLimitStatus, Tier, take_warning};
#[doc(hidden)]
pub use env::{VARIABLES, with_variables};
pub use error::{Attempt, Error, ErrorKind, FieldError, Outcome, Stage};
pub use model::generated::exports::*;
pub use model::{
    Action, Ensured, FieldUpdate, Integration, NewIntegration, Page, ProviderDescription, ProviderInfo, RawValues,
    RequestBody, SettingDescription, SettingInfo, SettingKind, UpdateIntegration, providers,
};
#[doc(hidden)]
pub use model::{did_you_mean, text_of_id};
pub use network::Proxy;
#[doc(hidden)]
pub use network::{Probe, disable_net_connect, disable_net_connect_if_set};
pub use operations::Response;
#[doc(hidden)]
pub use operations::{CheckedBody, Operation, Paginator};
#[doc(hidden)]
pub use printable::{is_hidden, printable};
pub use secret::{REDACTED, Secret, reveal};
#[doc(hidden)]
pub use transport::{CallOptions, ExtraHeaders};
pub use transport::{Metrics, Progress};

/// The project's README, whose examples are tested with the crate's.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct ProjectReadme;
