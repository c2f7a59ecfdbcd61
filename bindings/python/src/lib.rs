//! The native part of the Python package: a client, requests and replies. The core makes all decisions.

mod client;
mod description;
mod error;
mod fields;
mod fork_guard;
mod json;
mod loop_queue;
mod options;
mod paginator;
mod panics;
mod raw_values;
mod reply;
mod request;
mod run;
mod runtime;
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
    use super::loop_queue::{Call, LoopQueue};
    #[pymodule_export]
    use super::paginator::Paginator;
    #[pymodule_export]
    use super::raw_values::RawValues;
    #[pymodule_export]
    use super::reply::Reply;
    #[pymodule_export]
    use super::request::Request;
    #[pymodule_export]
    use super::secret::{Secret, hide};

    #[pymodule_init]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::panics::print_position_only();
        Ok(())
    }
}
