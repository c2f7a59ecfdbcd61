//! Responses in the form that is assumed, where that is not the documented one.

use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::contract::error_response::ErrorDetails;
use crate::contract::unknowns::{Assumptions, ErrorBody, Ids, TraceId};

/// Changes an error of the sandbox, but none whose body a fault has made.
pub fn error_as_assumed(mut response: Response, assumed: &Assumptions) -> Response {
    let (status, trace_id) = (response.status(), assumed.trace_id);
    let Some(details) = response.extensions_mut().get_mut::<ErrorDetails>() else { return response };
    let form = match status {
        StatusCode::UNAUTHORIZED => assumed.unauthorized_body,
        StatusCode::NOT_FOUND => assumed.not_found_body,
        StatusCode::TOO_MANY_REQUESTS => assumed.too_many_body,
        _ => ErrorBody::ErrorObject,
    };
    if trace_id == TraceId::Text {
        details.trace_id = format!("req-{}", details.trace_id.replace('-', ""));
    }
    let written = match form {
        ErrorBody::ErrorObject if trace_id == TraceId::Uuid => None,
        ErrorBody::ErrorObject => {
            let mut body = details.body(status);
            if trace_id == TraceId::Missing {
                body.as_object_mut().map(|it| it.shift_remove("trace_id"));
            }
            Some(("application/json", body.to_string()))
        }
        ErrorBody::Html => Some(("text/html", format!("<html><body><h1>{status}</h1></body></html>"))),
        ErrorBody::OtherJson => Some(("application/json", json!({ "error": "an error of another form" }).to_string())),
        ErrorBody::Empty => Some(("text/plain", String::new())),
    };
    if let Some((content_type, body)) = written {
        *response.body_mut() = Body::from(body);
        response.headers_mut().remove(CONTENT_LENGTH);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if status == StatusCode::UNAUTHORIZED {
        *response.status_mut() = assumed.unauthorized_status.status();
    }
    response
}

/// Changes the ids in a success.
pub async fn ids_as_assumed(response: Response, ids: Ids) -> Response {
    if ids == Ids::Strings {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let body = match serde_json::from_slice(&bytes) {
        Ok(mut body) => {
            to_numbers(&mut body);
            Body::from(body.to_string())
        }
        // There is none.
        Err(_) => Body::from(bytes),
    };
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, body)
}

fn to_numbers(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(to_numbers),
        Value::Object(fields) => {
            for (name, value) in fields {
                let number = value.as_str().and_then(|text| text.parse::<u64>().ok());
                match (name.as_str(), number) {
                    ("id" | "company_id" | "provider_id", Some(number)) => *value = number.into(),
                    // The settings are the user's.
                    ("settings", _) => {}
                    _ => to_numbers(value),
                }
            }
        }
        _ => {}
    }
}
