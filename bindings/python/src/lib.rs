//! The native part of the Python package: a client, requests and replies. The core makes all decisions.

mod client;
mod error;
mod extra_headers;
mod fields;
mod fork_guard;
mod http;
mod interpreter;
mod json;
mod loop_queue;
mod options;
mod paginator;
mod panics;
mod raw_values;
mod reply;
mod request;
mod runtime;
mod secret;
mod warnings;

#[pyo3::pymodule]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::{
        client::Client, extra_headers::HiddenHeaders, extra_headers::hide_headers, fields::Fields, loop_queue::Call,
        loop_queue::LoopQueue, paginator::PageRequest, paginator::Paginator, raw_values::RawValues,
        raw_values::hide_values, reply::Reply, request::Request, request::check_settings, secret::Secret, secret::hide,
        warnings::show_warnings, warnings::warn,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::interpreter::claim(module.py())?;
        super::panics::print_position_only();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
