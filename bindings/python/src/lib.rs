//! What the Python package is built on: one client, requests and replies, and no decision of its own.

mod client;
mod error;
mod fields;
mod json;
mod port;
mod process;
mod raw_values;
mod reply;
mod request;
mod runtime;
mod secret;

#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::client::Client;
    #[pymodule_export]
    use super::fields::Fields;
    #[pymodule_export]
    use super::port::{Call, Port};
    #[pymodule_export]
    use super::raw_values::RawValues;
    #[pymodule_export]
    use super::reply::Reply;
    #[pymodule_export]
    use super::request::Request;
    #[pymodule_export]
    use super::secret::{Secret, hide};
}
