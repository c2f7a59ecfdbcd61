//! A local server that behaves as the Ocamba Hood Integrations API is documented, for tests and experiments.
//!
//! It checks the bearer token, the content type, the size of the body and the body itself against the OpenAPI document,
//! enforces the documented rate limits, stores the integrations, and responds as the documentation shows. One sandbox is
//! one account, or with [`Builder::account_per_token`] one for each token.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = ocamba_sandbox::Sandbox::start().await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```
//!
//! Its address in a browser is an inspector: each request as it arrives with the violations marked in its body, gauges of
//! the limits, switches for faults, and the integrations. Secrets are masked until they are clicked.
//!
//! It fails on demand: see [`faults`]. Its [journal](Sandbox::journal) has every request and its effect, and its
//! [arrivals](Sandbox::arrivals) what reached it at all, even as a part of a request. Programs in other processes use `/_sandbox`, without a token:
//!
//! - `GET` and `DELETE /_sandbox/journal`
//! - `GET /_sandbox/arrivals`: every request of which a byte reached the server; cleared with the journal
//! - `GET`, `PUT` (replaces all), `POST` (adds below the others) and `DELETE /_sandbox/faults`
//! - `GET /_sandbox/integrations`: ids, names and providers
//! - `POST /_sandbox/integrations`: adds an integration by the body of a create, without a token, a limit or a journal entry
//! - `POST /_sandbox/reset`: returns to the start
//! - `GET /_sandbox/events`: the inspector's server-sent events, a few each second, however many requests arrive
//! - `GET /_sandbox/requests/{id}`: a request and its response, with headers and bodies; secrets are masked unless `?secrets=shown`
//!
//! With [`Builder::account_per_token`], they are about the account of their token, or about all accounts without one.
//!
//! `GET /health` responds with 200 when the sandbox is up, and needs no token.
//!
//! With [`Builder::tls`] it speaks TLS. `GET /_sandbox/ca_certificate` is the certificate to trust. The same port takes
//! plain HTTP for all that is not the API, for programs that do not trust it yet.
//!
//! Pages of other origins have no access to anything, unless [`Builder::cors`] admits them to the API, and the `Host` of each request must be a loopback name or address, or
//! one of [`Builder::allow_host`]: a web page can resolve its own name to this machine. Such requests are refused with 403
//! before all else, count in no limit, and are neither in the journal nor among the arrivals. A sandbox that other machines
//! can reach must have a token, which the control requires too.
//!
//! Where the documentation is silent, the sandbox makes these choices, and the real service may differ:
//!
//! - Rate limit windows follow each other without a gap from the start of the sandbox.
//! - The `X-RateLimit-*` headers describe the window with the fewest requests remaining, or the longer of two equal ones.
//! - A request without a valid token belongs to no account, so it is refused and not counted. All others count, whatever
//!   their response, except those refused with 429.
//! - The checks are in this order: token, limits, address and method, parameters, content type, size, JSON, schema,
//!   existence of the integration, settings of an update.
//! - A list is sorted by id, with 20 items per page. Page sizes above 100 are reduced to 100.
//! - `sort` compares ids as numbers and times as times. `sort` and `q_fields` take all fields that are not objects. `q`
//!   matches anywhere in a value, ignoring case, and by default in names.
//! - An unknown view is the default one, which has all fields except `provider`. `fields` always include the id.
//! - The query of a list or a get must not have unknown or repeated parameters. Other operations ignore their query.
//! - `effective_status` is `untested` until a test notification was sent, and again when settings change. Otherwise it is
//!   the status.
//! - A provider accepts all credentials except secrets that are `invalid`: a create with one succeeds, but
//!   `validateIntegration` and `sendTestNotification` respond with 400.
//! - An update stores `null` for a setting.
//! - A test notification is for the given `id`, or for an integration that a create would accept. An id of an invalid form
//!   is refused with 400, here and in a path.
//! - Invalid HTTP is refused with a bare 400, and too large headers with a bare 431; neither is counted.
//! - The number of requests in flight is limited; see [`Builder::max_in_flight`].
//!
//! Its memory and patience have limits, so that hostile or broken clients leave it answering:
//!
//! - It keeps the last 100,000 integrations, of at most 32 MiB of text. A request for one that it has dropped says so, and the
//!   journal's entry of a create says how many it has dropped.
//! - The journal keeps requests and arrivals of 1 KiB each on average, and the inspector 8 MiB of bodies.
//! - The head of a request must arrive within 10 s, and so must its body: otherwise the response is 408. A client that takes no
//!   byte of its response for 10 s, or sends no request for 30 s, is disconnected.
//! - When more than 512 connections wait for their clients within a request for a second, those that have waited longest are
//!   closed. Large bodies are read and sent a few at a time: a response
//!   that has no room for 10 s is a 503.
#![warn(missing_docs)]

pub mod faults;

mod account;
mod builder;
mod contract;
mod local;
mod sandbox;
mod server;

pub use account::integration::Created;
pub use account::journal::{Arrival, Entry};
pub use builder::Builder;
#[doc(hidden)]
pub use contract::document::TEXT as DOCUMENT;
pub use contract::unknowns::{InvalidAssumption, Unknown, unknowns};
#[cfg(feature = "simulation")]
#[doc(hidden)]
pub use sandbox::InProcess;
pub use sandbox::Sandbox;
pub use server::error::Error;

/// The README, whose example is tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
