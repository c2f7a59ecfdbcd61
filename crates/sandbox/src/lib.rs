//! A local server that behaves as the Ocamba Hood Integrations API is documented to, for tests and for trying things out.
//!
//! It checks the bearer token, the content type, the size of the body and the body itself against the OpenAPI document,
//! keeps the documented rate limits, keeps what is created, and answers as the documentation shows. One sandbox is one
//! account.
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
//! Its address in a browser is an inspector: each request as it comes, with what is wrong marked in its body, the limits as
//! they fill and empty, switches for faults, and the integrations. Secrets are masked there until they are clicked.
//!
//! It misbehaves on demand: see [`faults`]. What became of each request is in its [journal](Sandbox::journal). Programs
//! that are not in this process use `/_sandbox` for both, without a token:
//!
//! - `GET` and `DELETE /_sandbox/journal`
//! - `GET`, `PUT` (in place of all), `POST` (below the others) and `DELETE /_sandbox/faults`
//! - `GET /_sandbox/integrations`: ids, names and providers
//! - `POST /_sandbox/reset`: all back to the start
//! - `GET /_sandbox/events`: what the inspector shows, as server-sent events; a few each second, however many requests come
//! - `GET /_sandbox/requests/{id}`: one request with its body, secrets masked unless `?secrets=shown`
//!
//! A sandbox that listens on more than the loopback interface wants its token there, and has no such control without one.
//! Web pages of other origins have no access, and what a client calls this server must be a loopback name or address.
//!
//! What the documentation leaves open is chosen here, and may differ from the real service:
//!
//! - Windows follow each other without a gap from the moment the sandbox starts.
//! - The `X-RateLimit-*` headers describe the window with the fewest requests remaining, and the longer one of two equals.
//! - A request without a valid token is refused before it is counted, since it belongs to no account. All others count,
//!   whatever their answer, but for those refused with 429.
//! - The order of the checks: token, limits, address and method, parameters, content type, size, JSON, schema, whether the
//!   integration is there, the settings of an update.
//! - A list is in the order of the ids, with 20 items on a page, and 100 at the most: who asks for more gets 100.
//! - `sort` takes ids as numbers and times as times. `sort` and `q_fields` take the fields that are no objects. `q` is found
//!   anywhere in a value, in any case, and by default in names.
//! - A view that is not known is the default one, which is all but `provider`. `fields` always bring the id.
//! - In the query of a list or a get, parameters that are unknown, or given twice, are refused. Other operations do not look
//!   at theirs.
//! - `effective_status` is `untested` until a test message was sent, and again when settings change; else it is the status.
//! - A provider accepts all credentials but secrets that are `invalid`: with one, a create goes well, and
//!   `validateIntegration` and `sendTestNotification` answer 400.
//! - An update stores `null` for a setting as it is.
//! - A test message is for the `id` that is given, or else for an integration that a create would take. An id of a form that
//!   no id has is refused with 400, here and in a path.
//! - What is not HTTP is refused with a bare 400, and headers that are too large with a bare 431: neither is counted.
//! - How many requests may be in flight; see [`Builder::max_in_flight`].
#![warn(missing_docs)]

pub mod faults;

mod account;
mod builder;
mod contract;
mod local;
mod sandbox;
mod server;

pub use account::integration::Created;
pub use account::journal::Entry;
pub use builder::Builder;
pub use sandbox::Sandbox;
pub use server::error::Error;
