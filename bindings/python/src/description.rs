//! Checks settings against the server's description of their provider.

use ocamba_hood::{ProviderDescription, RawSettings};
use pyo3::prelude::*;

use crate::error::{self, Failure};
use crate::json::{self, NotSerializable};
use crate::raw_values::RawValues;

/// Raises all errors in the settings of a provider. The description is a dict in wire form.
#[pyfunction]
#[pyo3(signature = (description, settings, /))]
pub fn check_settings(description: &Bound<'_, PyAny>, settings: &Bound<'_, RawValues>) -> PyResult<()> {
    check(description, settings).map_err(|failure| error::to_exception(description.py(), &failure))
}

fn check(description: &Bound<'_, PyAny>, settings: &Bound<'_, RawValues>) -> Result<(), Failure> {
    // The text is valid JSON, so an error is about its form.
    let unreadable = |name| move |_| Failure::from(NotSerializable::new(name, "cannot be read"));
    let description: ProviderDescription =
        serde_json::from_str(&text("description", description)?).map_err(unreadable("description"))?;
    let settings = serde_json::from_str(&text("settings", settings)?).map_err(unreadable("settings"))?;
    description.provider(RawSettings::new(settings)).map(drop).map_err(Failure::from)
}

fn text(name: &str, object: &Bound<'_, PyAny>) -> Result<String, NotSerializable> {
    let mut text = String::new();
    json::write(object, &mut text).map_err(|error| error.within(name))?;
    Ok(text)
}
