//! The parameters in the path and the query of a request.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::contract::error_response::ErrorResponse;
use crate::contract::schema::Schema;
use crate::contract::violations::shortened;

/// Checked parameters by name.
#[derive(Debug, Default)]
pub struct Values(Map<String, Value>);

impl Values {
    /// Reads the values of the path's parameters.
    pub fn of_path<'a>(
        found: impl Iterator<Item = (&'a str, &'a str)>,
        schema: Option<&Schema>,
    ) -> Result<Self, ErrorResponse> {
        let mut values = Self::default();
        for (name, value) in found {
            let value = percent_decode_str(value)
                .decode_utf8()
                .map_err(|_| ErrorResponse::bad_request(format!("{name} must be UTF-8")))?;
            values.0.insert(name.to_owned(), value.into());
        }
        schema.map_or_else(|| Ok(Self::default()), |schema| values.checked(schema))
    }

    /// Reads a query.
    pub fn of_query(query: Option<&str>, schema: &Schema) -> Result<Self, ErrorResponse> {
        let mut values = Self::default();
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name =
                decode(name).ok_or_else(|| ErrorResponse::bad_request("the names of parameters must be UTF-8"))?;
            let value = decode(value)
                .ok_or_else(|| ErrorResponse::bad_request(format!("{} must be UTF-8", shortened(&name))))?;
            if values.0.insert(name.clone(), value.into()).is_some() {
                return Err(ErrorResponse::bad_request(format!("{} must not appear twice", shortened(&name))));
            }
        }
        values.checked(schema)
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Splits a value at its commas.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        Some(self.get(name)?.split(',').map(str::to_owned).collect())
    }

    fn checked(self, schema: &Schema) -> Result<Self, ErrorResponse> {
        let all = Value::Object(self.0);
        schema.check(&all)?;
        let Value::Object(values) = all else { return Ok(Self::default()) };
        Ok(Self(values))
    }
}

/// Decodes form encoding, in which a plus is a space. Returns none when the result is not UTF-8.
fn decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
impl<'a> FromIterator<(&'a str, &'a str)> for Values {
    fn from_iter<T: IntoIterator<Item = (&'a str, &'a str)>>(pairs: T) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect())
    }
}
