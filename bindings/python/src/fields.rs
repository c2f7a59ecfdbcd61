//! Fills objects of the generated classes from JSON, in a third of the time that Python needs.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFloat, PyInt, PyString, PyType};

use crate::secret::Secret;

/// The fields of a class, by their names on the wire.
#[pyclass(frozen, module = "ocamba_hood._native")]
pub struct Fields(Vec<(Py<PyString>, Field)>);

#[derive(FromPyObject)]
struct Field(
    /// Attribute.
    Py<PyString>,
    /// Type of its JSON value.
    Py<PyType>,
    /// Whether it is required.
    bool,
    /// Whether it is secret.
    bool,
);

#[pymethods]
impl Fields {
    /// Takes a dict of rows by their names on the wire.
    #[new]
    #[pyo3(signature = (table, /))]
    fn new(table: &Bound<'_, PyDict>) -> PyResult<Self> {
        table.iter().map(|(name, row)| Ok((name.extract()?, row.extract()?))).collect::<PyResult<_>>().map(Self)
    }

    /// Sets each attribute from the value of its name, and returns the number of values of the expected types.
    ///
    /// If a value is missing or of another type, its attribute is `None`; with `strict`, the result is `None` instead.
    #[pyo3(signature = (target, values, strict, /))]
    fn fill(&self, target: &Bound<'_, PyAny>, values: &Bound<'_, PyDict>, strict: bool) -> PyResult<Option<usize>> {
        let py = target.py();
        let mut understood = 0;
        for (name, Field(attribute, kind, required, secret)) in &self.0 {
            let found = values.get_item(name)?;
            let sound = found.as_ref().filter(|value| fits(value, kind.bind(py)));
            if sound.is_none() && strict && (found.is_some() || *required) {
                return Ok(None);
            }
            understood += usize::from(sound.is_some());
            match sound {
                Some(value) if *secret => {
                    let secret = Secret::of(value).map(|secret| Bound::new(py, secret)).transpose()?;
                    put(target, attribute.bind(py), &secret.into_pyobject(py)?)?;
                }
                sound => put(target, attribute.bind(py), &sound.into_pyobject(py)?)?,
            }
        }
        Ok(Some(understood))
    }
}

/// Whether a JSON value is of this type. A whole number is also a number; a bool is not.
fn fits(value: &Bound<'_, PyAny>, kind: &Bound<'_, PyType>) -> bool {
    let is_whole = || value.is_exact_instance_of::<PyInt>() && kind.is(value.py().get_type::<PyFloat>());
    value.is_exact_instance(kind) || is_whole()
}

/// Sets an attribute of an object that is frozen for others.
#[allow(unsafe_code)]
fn put(target: &Bound<'_, PyAny>, attribute: &Bound<'_, PyString>, value: &Bound<'_, PyAny>) -> PyResult<()> {
    // SAFETY: all three are valid objects, and the GIL is held. This is `object.__setattr__`, which checks the rest.
    let failed = unsafe { pyo3::ffi::PyObject_GenericSetAttr(target.as_ptr(), attribute.as_ptr(), value.as_ptr()) };
    if failed == 0 { Ok(()) } else { Err(PyErr::fetch(target.py())) }
}
