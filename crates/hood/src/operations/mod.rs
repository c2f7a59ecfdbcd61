//! What a call does: one operation is one request, which the generated client writes, the transport sends and this layer
//! decodes once; lists, searches and `ensure` take several. It knows what all calls of a client share, and no client.

mod checked_body;
mod context;
mod create;
mod create_since;
mod ensure;
mod find_by_name;
mod find_created;
mod list_query;
mod operation;
mod paginator;
mod raw_page;
mod response;
mod write_request;

pub use checked_body::{CheckedBody, FromBody};
pub use context::Context;
pub use create::create;
pub use create_since::create_since;
pub use ensure::ensure;
pub use find_created::find_created;
pub use list_query::ListQuery;
pub use operation::{Operation, checked_id};
pub use paginator::Paginator;
pub use response::Response;
pub use write_request::RequestWriter;
