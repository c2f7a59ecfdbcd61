//! The files of the page, which are part of the program.

use axum::extract::Path;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};

use crate::contract::error_response::ErrorResponse;

macro_rules! files {
    ($($name:literal),+ $(,)?) => { &[$(($name, include_str!(concat!("page/", $name)))),+] };
}

/// All files except the HTML.
const FILES: &[(&str, &str)] = files![
    "app.js",
    "body.js",
    "clients.js",
    "content.js",
    "curl.js",
    "detail.js",
    "dom.js",
    "faults.js",
    "faults.json",
    "filter.js",
    "gauges.js",
    "integrations.js",
    "requests.js",
    "row.js",
    "send.js",
    "server.js",
    "style.css",
    "requests.css",
    "side.css",
    "detail.css",
];

pub async fn index() -> Response {
    text("text/html; charset=utf-8", include_str!("page/index.html"))
}

pub async fn asset(Path(name): Path<String>) -> Result<Response, ErrorResponse> {
    let missing = || ErrorResponse::not_found("the page has no such file");
    let (_, content) = FILES.iter().find(|(known, _)| *known == name).ok_or_else(missing)?;
    Ok(text(content_type(&name), content))
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        _ => "application/json",
    }
}

fn text(kind: &'static str, content: &'static str) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static(kind))], content).into_response()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::faults::Faults;

    #[test]
    fn files_are_all_served_and_referenced() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/local/inspector/page");
        let there = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
        let served: BTreeSet<_> =
            FILES.iter().map(|(name, _)| (*name).to_owned()).chain(["index.html".into()]).collect();
        assert_eq!(served, there.collect());
        let all = FILES.iter().copied().chain([("index.html", include_str!("page/index.html"))]);
        let mut referred = BTreeSet::new();
        for (_, content) in all {
            for place in ["from \"./", "/_sandbox/page/"] {
                let names = content.split(place).skip(1).filter_map(|rest| rest.split('"').next());
                referred.extend(names.map(str::to_owned));
            }
        }
        let names: BTreeSet<_> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(referred, names);
    }

    #[test]
    fn switches_are_faults_in_the_format_of_the_server() {
        let switches: Vec<serde_json::Value> = serde_json::from_str(include_str!("page/faults.json")).unwrap();
        assert!(!switches.is_empty());
        for switch in switches {
            let faults = serde_json::json!({ "seed": 0, "faults": [{ "fault": switch["fault"] }] });
            let read: Faults = faults.to_string().parse().unwrap();
            // The page recognizes a fault by the server's JSON.
            assert_eq!(serde_json::to_value(&read).unwrap(), faults, "{}", switch["id"]);
        }
    }

    #[test]
    fn page_makes_no_markup_from_text() {
        for (name, content) in FILES {
            for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "setHTML"] {
                assert!(!content.contains(sink), "{name} has {sink}");
            }
        }
    }
}
