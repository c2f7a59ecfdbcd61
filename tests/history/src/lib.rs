//! Checks the outcomes that clients reported, in a history of their calls, with the journal of the server.
//!
//! It knows the API, but nothing of a client: any client in any language may write a history, of one JSON object a line. An
//! `invoke` is written before a call begins, a `return` after it ended, so that a call of a process that was killed has only
//! the first.
//!
//! ```
//! let history = r#"
//! {"event":"invoke","id":"1","process":"rust-7","operation":"create","name":"a","provider_id":"1000","account":"token","options":{"timeout":2},"at_ms":1760000000000}
//! {"event":"return","id":"1","outcome":"not_sent","integration":null,"at_ms":1760000000002}
//! "#;
//! let journal = r#"{
//!   "arrivals": [{ "id": 1, "method": "POST", "path": "/v1/hood/integrations", "name": "a", "request": 1 }],
//!   "journal": [{ "id": 1, "method": "POST", "path": "/v1/hood/integrations", "status": null, "committed": false }]
//! }"#;
//! let violations = ocamba_history::check(&ocamba_history::read(history)?, &serde_json::from_str(journal)?);
//! assert_eq!(violations[0].to_string(), "not_sent: \"a\": 1 request arrived, and its calls admit 0: 1 create not_sent");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! | rule | holds when |
//! |---|---|
//! | `not_sent` | no byte of the request of a call that ended `not_sent` reached the server |
//! | `rejected` | no call that ended `rejected` took effect |
//! | `applied` | each call that ended `ok` or `applied` took effect, on the integration that it returned |
//! | `sent_once` | at most one request of a create or update reached the server, except those that the API refused with 429 |
//! | `ensure` | calls of `ensure` made at most one integration of a name, over all processes, tokens and machines |
//! | `find_created` | the create of which `find_created` returned none took no effect, also later |
//! | `unclaimed` | every request that reached the server was that of a call |
//! | `usable` | the history is well-formed, and the journal complete |
//!
//! A name belongs to one create or update, so that requests can be assigned to calls; several calls of `ensure` and
//! `find_created` may have the same. Where calls share a name, the sums of what they admit are compared.

mod event;
mod journal;
mod rules;
mod violation;

pub use event::{Event, Operation, Outcome, read};
pub use journal::{Arrival, Entry, Journal};
pub use rules::check;
pub use violation::{Rule, Violation};
