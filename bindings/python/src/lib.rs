//! What the Python package is built on: one client, requests and replies, and no decision of its own.

mod client;
mod description;
mod error;
mod fields;
mod json;
mod options;
mod panics;
mod port;
mod process;
mod raw_values;
mod reply;
mod request;
mod run;
mod runtime;
mod scan;
mod secret;

#[pyo3::pymodule]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::client::Client;
    #[pymodule_export]
    use super::description::check_settings;
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
    use super::scan::Scan;
    #[pymodule_export]
    use super::secret::{Secret, hide};

    #[pymodule_init]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::panics::tell_only_where();
        Ok(())
    }
}
