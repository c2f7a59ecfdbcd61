//! The OpenAPI document as code that checks requests: its operations, parameters, schemas and providers, the bearer
//! token, and the error responses that it documents. This layer knows no account, no connection and no fault.

pub mod bearer_token;
pub mod document;
pub mod error_response;
pub mod masking;
pub mod memory;
pub mod operations;
pub mod parameters;
pub mod providers;
pub mod reference;
pub mod request_body;
pub mod schema;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod schema_tests;
pub mod unknowns;
pub mod violations;
