//! Settings as plain JSON, for what this version does not know.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Settings that this version does not know, kept as they are. Any of them may be a secret, so none shows itself.
///
///     >>> settings = RawValues({"bot_token": "123:abc"})
///     >>> settings
///     {'bot_token': [REDACTED]}
///     >>> settings.expose()["bot_token"]
///     '123:abc'
#[pyclass(frozen, module = "ocamba_hood")]
pub struct RawValues(Py<PyAny>);

#[pymethods]
impl RawValues {
    #[new]
    #[pyo3(signature = (settings, /))]
    fn new(settings: &Bound<'_, PyAny>) -> PyResult<Self> {
        match settings.cast::<RawValues>() {
            Ok(same) => Ok(Self(same.get().0.clone_ref(settings.py()))),
            Err(_) => copied(settings).map(|copy| Self(copy.unbind())),
        }
    }

    /// A copy of all of them, in clear.
    pub fn expose<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        copied(self.0.bind(py))
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let value = self.0.bind(py);
        match value.cast::<PyDict>() {
            Ok(settings) => {
                let names: PyResult<Vec<_>> = settings.keys().iter().map(|name| name.repr()).collect();
                let shown: Vec<_> = names?.iter().map(|name| format!("{name}: {}", ocamba_hood::REDACTED)).collect();
                Ok(format!("{{{}}}", shown.join(", ")))
            }
            Err(_) if value.is_none() => Ok("None".to_owned()),
            Err(_) => Ok(ocamba_hood::REDACTED.to_owned()),
        }
    }

    fn __bool__(&self, py: Python<'_>) -> PyResult<bool> {
        self.0.bind(py).is_truthy()
    }

    fn __eq__(&self, other: &Self, py: Python<'_>) -> PyResult<bool> {
        self.0.bind(py).eq(other.0.bind(py))
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        // Equal ones have equal names, in whatever order.
        match self.0.bind(py).cast::<PyDict>() {
            Ok(settings) => settings.keys().iter().try_fold(0, |sum, name| Ok(sum ^ name.hash()?)),
            Err(_) => Ok(0),
        }
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }

    fn __reduce_ex__(&self, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyTypeError::new_err("RawValues are not pickled, since they may hold secrets; pickle settings.expose()"))
    }
}

/// A copy of what JSON is made of, so that nobody else can change what is kept here.
fn copied<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(map) = value.cast::<PyDict>() {
        let copy = PyDict::new(value.py());
        for (name, value) in map {
            copy.set_item(name, copied(&value)?)?;
        }
        return Ok(copy.into_any());
    }
    if let Ok(list) = value.cast::<PyList>() {
        let copy: PyResult<Vec<_>> = list.iter().map(|value| copied(&value)).collect();
        return Ok(PyList::new(value.py(), copy?)?.into_any());
    }
    Ok(value.clone())
}
