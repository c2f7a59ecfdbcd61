//! Plain JSON, for settings and fields that this version does not know.

use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList, PyType};

use crate::secret::{Secret, core_schema, serializer};

/// Maximum depth, as deep as any response that the core reads. A dict that contains itself exceeds it.
const MAX_DEPTH: usize = 128;

/// Settings or fields that this version does not know. Any of them may be a secret, so `repr` hides all values but
/// `None`::
///
///     >>> settings = RawValues({"bot_token": "123:abc"})
///     >>> settings
///     {'bot_token': [REDACTED]}
///     >>> settings["bot_token"]
///     '123:abc'
#[pyclass(frozen, module = "ocamba_hood")]
pub struct RawValues(Result<Py<PyAny>, TooDeep>);

/// Values that are nested too deeply.
#[derive(Clone, Copy)]
struct TooDeep;

impl From<TooDeep> for PyErr {
    fn from(_: TooDeep) -> Self {
        PyValueError::new_err("the values are nested too deeply")
    }
}

#[pymethods]
impl RawValues {
    #[new]
    #[pyo3(signature = (values, /))]
    fn new(values: &Bound<'_, PyAny>) -> PyResult<Self> {
        let values = hide_values(values);
        values.0.as_ref().map_err(|error| *error)?;
        Ok(values)
    }

    /// Returns a copy of all values, in clear.
    pub fn expose<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        copied(self.values(py)?, 0)
    }

    /// Returns one value in clear, or the default.
    #[pyo3(signature = (name, default=None, /))]
    fn get<'py>(
        &self,
        name: &str,
        default: Option<Bound<'py, PyAny>>,
        py: Python<'py>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = self.map(py)?.get_item(name)?;
        found.map(|value| copied(&value, 0)).transpose().map(|found| found.or(default))
    }

    fn __getitem__<'py>(&self, name: &str, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.get(name, None, py)?.ok_or_else(|| PyKeyError::new_err(name.to_owned()))
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.map(name.py())?.contains(name)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.map(py)?.keys().try_iter()
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.map(py)?.len())
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let Ok(value) = self.values(py) else { return Ok(ocamba_hood::REDACTED.to_owned()) };
        match value.cast::<PyDict>() {
            Ok(settings) => {
                let shown = |(name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>)| {
                    let value = if value.is_none() { "None" } else { ocamba_hood::REDACTED };
                    Ok(format!("{}: {value}", name.repr()?))
                };
                let shown: PyResult<Vec<_>> = settings.iter().map(shown).collect();
                Ok(format!("{{{}}}", shown?.join(", ")))
            }
            Err(_) if value.is_none() => Ok("None".to_owned()),
            Err(_) => Ok(ocamba_hood::REDACTED.to_owned()),
        }
    }

    fn __bool__(&self, py: Python<'_>) -> PyResult<bool> {
        self.values(py)?.is_truthy()
    }

    fn __eq__(&self, other: &Self, py: Python<'_>) -> PyResult<bool> {
        self.values(py)?.eq(other.values(py)?)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        // Equal dicts have equal names, in any order.
        match self.values(py)?.cast::<PyDict>() {
            Ok(settings) => settings.keys().iter().try_fold(0, |sum, name| Ok(sum ^ name.hash()?)),
            Err(_) => Ok(0),
        }
    }

    /// How pydantic validates and serializes a field of this type.
    #[classmethod]
    fn __get_pydantic_core_schema__<'py>(
        cls: &Bound<'py, PyType>,
        _source: &Bound<'py, PyAny>,
        handler: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        core_schema(cls, handler)
    }

    /// How pydantic serializes an object where no schema has its type.
    #[getter]
    fn __pydantic_serializer__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        serializer(this)
    }

    fn __copy__(this: Py<Self>) -> Py<Self> {
        this
    }

    fn __deepcopy__(this: Py<Self>, _memo: &Bound<'_, PyAny>) -> Py<Self> {
        this
    }

    fn __reduce_ex__(&self, _protocol: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyTypeError::new_err(
            "RawValues cannot be pickled, because they may contain secrets; pickle settings.expose() if you mean to",
        ))
    }
}

impl RawValues {
    fn values<'py>(&self, py: Python<'py>) -> Result<&Bound<'py, PyAny>, TooDeep> {
        self.0.as_ref().map(|values| values.bind(py)).map_err(|error| *error)
    }

    /// The values by name; none if they are not an object.
    fn map<'py>(&self, py: Python<'py>) -> Result<Bound<'py, PyDict>, TooDeep> {
        let map = self.values(py)?.cast::<PyDict>().cloned();
        Ok(map.unwrap_or_else(|_| PyDict::new(py)))
    }
}

/// Returns `RawValues`. Never raises, so that a caller can replace values before any traceback could show them: whatever reads
/// values that are nested too deeply raises the error.
#[pyfunction]
#[pyo3(signature = (values, /))]
pub fn hide_values(values: &Bound<'_, PyAny>) -> RawValues {
    let copy = match values.cast::<RawValues>() {
        Ok(same) => same.get().values(values.py()).cloned(),
        Err(_) => copied(values, 0).map_err(|_| TooDeep),
    };
    RawValues(copy.map(Bound::unbind))
}

/// Copies a JSON value, so that other code cannot change the original.
fn copied<'py>(value: &Bound<'py, PyAny>, depth: usize) -> PyResult<Bound<'py, PyAny>> {
    if depth > MAX_DEPTH {
        return Err(PyValueError::new_err("the values are nested too deeply"));
    }
    if let Ok(map) = value.cast::<PyDict>() {
        let copy = PyDict::new(value.py());
        // Iterates over a copy, because a name's `__hash__` could change the original, which would panic.
        for (name, value) in map.copy()? {
            copy.set_item(name, copied(&value, depth + 1)?)?;
        }
        return Ok(copy.into_any());
    }
    if let Ok(list) = value.cast::<PyList>() {
        let copy: PyResult<Vec<_>> = list.iter().map(|value| copied(&value, depth + 1)).collect();
        return Ok(PyList::new(value.py(), copy?)?.into_any());
    }
    Ok(Secret::of(value)
        .map_or_else(|| value.clone(), |secret| secret.expose(value.py()).into_bound(value.py()).into_any()))
}
