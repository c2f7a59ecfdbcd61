//! Settings of a provider, checked against the server's own description of it.

use ocamba_hood::{ProviderDescription, RawSettings};
use pyo3::prelude::*;

use crate::error::{self, Failure};
use crate::json::{self, NotSerializable};
use crate::raw_values::RawValues;

/// Raises what is wrong with the settings of a provider that is described as a dict in the wire form.
#[pyfunction]
#[pyo3(signature = (description, settings, /))]
pub fn check_settings(description: &Bound<'_, PyAny>, settings: &Bound<'_, RawValues>) -> PyResult<()> {
    check(description, settings).map_err(|failure| error::to_exception(description.py(), &failure))
}

fn check(description: &Bound<'_, PyAny>, settings: &Bound<'_, RawValues>) -> Result<(), Failure> {
    // What was just written is JSON, so it is its form that is not as it must be.
    let misread = |name| move |_| Failure::from(NotSerializable::new(name, "cannot be read"));
    let described: ProviderDescription =
        serde_json::from_str(&text("description", description)?).map_err(misread("description"))?;
    let settings = serde_json::from_str(&text("settings", settings.as_any())?).map_err(misread("settings"))?;
    described.provider(RawSettings::new(settings)).map(drop).map_err(Failure::from)
}

fn text(name: &str, object: &Bound<'_, PyAny>) -> Result<String, Failure> {
    let mut text = String::new();
    json::write(object, &mut text).map_err(|unfit| Failure::from(unfit.within(name)))?;
    Ok(text)
}
