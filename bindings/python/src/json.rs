//! Writes Python objects as JSON text, with secrets in clear. The text goes to the server only.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use crate::raw_values::RawValues;
use crate::secret::{Secret, type_name};

/// Maximum depth, deeper than any request. A dict that contains itself exceeds it.
const MAX_DEPTH: usize = 64;

/// An object that cannot be written as JSON. Quotes no value.
pub struct NotSerializable {
    /// Its path, from the inside out.
    path: Vec<String>,
    message: String,
}

/// Appends an object's JSON.
pub fn write(object: &Bound<'_, PyAny>, json: &mut String) -> Result<(), NotSerializable> {
    value(object, json, 0)
}

fn value(object: &Bound<'_, PyAny>, json: &mut String, depth: usize) -> Result<(), NotSerializable> {
    if depth > MAX_DEPTH {
        return Err(not_serializable("is nested too deeply"));
    }
    if let Ok(string) = object.cast::<PyString>() {
        text(string.to_str().map_err(|_| not_serializable("is not valid Unicode"))?, json)?;
    } else if object.is_none() {
        json.push_str("null");
    } else if let Ok(map) = object.cast::<PyDict>() {
        pairs(map.iter(), json, depth)?;
    } else if let Ok(secret) = object.cast::<Secret>() {
        text(secret.get().text(object.py()).ok_or_else(|| not_serializable("is not valid Unicode"))?, json)?;
    } else if let Ok(flag) = object.cast::<PyBool>() {
        json.push_str(if flag.is_true() { "true" } else { "false" });
    } else if object.is_instance_of::<PyInt>() {
        // A subclass, such as an enum, is written as its number.
        let number = object.extract::<i64>().map(i128::from).or_else(|_| object.extract::<u64>().map(i128::from));
        json.push_str(&number.map_err(|_| not_serializable("is too large a number"))?.to_string());
    } else if let Ok(float) = object.cast::<PyFloat>() {
        let number =
            serde_json::Number::from_f64(float.value()).ok_or_else(|| not_serializable("must be a finite number"))?;
        json.push_str(&number.to_string());
    } else if let Ok(list) = object.cast::<PyList>() {
        items(list.iter(), json, depth)?;
    } else if let Ok(list) = object.cast::<PyTuple>() {
        items(list.iter(), json, depth)?;
    } else if let Ok(raw) = object.cast::<RawValues>() {
        let settings = raw.get().expose(object.py()).map_err(|_| not_serializable("is nested too deeply"))?;
        value(&settings, json, depth + 1)?;
    } else if let Ok(wire) = object.call_method0(intern!(object.py(), "_wire")) {
        value(&wire, json, depth + 1)?;
    } else if let Some(secret) = Secret::of(object) {
        text(secret.text(object.py()).ok_or_else(|| not_serializable("is not valid Unicode"))?, json)?;
    } else if let Ok(map) = object.cast::<PyMapping>() {
        let items = map.items().map_err(|_| not_serializable("cannot be read"))?;
        let all: PyResult<Vec<_>> = items.iter().map(|pair| pair.extract()).collect();
        pairs(all.map_err(|_| not_serializable("cannot be read"))?.into_iter(), json, depth)?;
    } else {
        return Err(not_serializable(format!(
            "must be str, int, float, bool, None, list or dict, not {}",
            type_name(object)
        )));
    }
    Ok(())
}

fn pairs<'py>(
    all: impl Iterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    json: &mut String,
    depth: usize,
) -> Result<(), NotSerializable> {
    separated(all, ['{', '}'], json, |(name, object), json| {
        let Ok(Ok(name)) = name.cast::<PyString>().map(|name| name.to_str()) else {
            return Err(not_serializable(format!("has a name that must be str, not {}", type_name(&name))));
        };
        text(name, json)?;
        json.push(':');
        value(&object, json, depth + 1).map_err(|error| error.within(name))
    })
}

fn items<'py>(
    all: impl Iterator<Item = Bound<'py, PyAny>>,
    json: &mut String,
    depth: usize,
) -> Result<(), NotSerializable> {
    separated(all.enumerate(), ['[', ']'], json, |(index, item), json| {
        value(&item, json, depth + 1).map_err(|error| error.within(&index.to_string()))
    })
}

fn separated<T>(
    all: impl Iterator<Item = T>,
    [open, close]: [char; 2],
    json: &mut String,
    write: impl Fn(T, &mut String) -> Result<(), NotSerializable>,
) -> Result<(), NotSerializable> {
    json.push(open);
    for (index, item) in all.enumerate() {
        if index > 0 {
            json.push(',');
        }
        write(item, json)?;
    }
    json.push(close);
    Ok(())
}

fn text(text: &str, json: &mut String) -> Result<(), NotSerializable> {
    json.push_str(&serde_json::to_string(text).map_err(|_| not_serializable("cannot be written"))?);
    Ok(())
}

fn not_serializable(message: impl Into<String>) -> NotSerializable {
    NotSerializable { path: Vec::new(), message: message.into() }
}

impl NotSerializable {
    pub fn new(field: &str, message: impl Into<String>) -> Self {
        Self { path: vec![field.to_owned()], message: message.into() }
    }

    /// The field, as a dotted path.
    pub fn field(&self) -> String {
        let path: Vec<_> = self.path.iter().rev().map(String::as_str).collect();
        if path.is_empty() { "request".to_owned() } else { path.join(".") }
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same error, within a field of this name.
    pub fn within(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }
}
