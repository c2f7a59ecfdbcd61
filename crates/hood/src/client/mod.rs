//! What a user holds: the client, its resources, and calls and lists that are sent when awaited. It knows the names and
//! types of the public API; what a call does is below.

mod builder;
mod call;
mod client;
mod integrations;
mod list;
mod providers;
mod settings;

pub use builder::{ClientBuilder, DEFAULT_BASE_URL};
pub use call::Call;
pub use client::Client;
pub use integrations::Integrations;
pub use list::{Items, List};
pub use providers::Providers;
