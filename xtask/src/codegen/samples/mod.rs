//! Code samples of each operation for people, as `x-codeSamples` of the bundle.

mod call;
mod http;
mod literal;
mod packages;

use serde_json::{Value, json};

use self::call::Call;
use super::spec::Spec;
use crate::Result;

/// A language of the samples.
struct Language {
    /// Its name for highlighters.
    lang: &'static str,
    /// Its name for people.
    label: &'static str,
    write: fn(&Call) -> Result<String>,
}

/// In the order of the reference.
const LANGUAGES: [Language; 7] = [
    Language { lang: "shell", label: "cURL", write: |call| Ok(http::curl(call)) },
    Language { lang: "javascript", label: "JavaScript fetch", write: |call| Ok(http::fetch(call)) },
    Language { lang: "php", label: "PHP", write: |call| Ok(http::php(call)) },
    Language { lang: "rust", label: "Rust", write: packages::rust },
    Language { lang: "python", label: "Python", write: packages::python },
    Language { lang: "javascript", label: "Node", write: packages::node },
    Language { lang: "shell", label: "Command line", write: packages::command_line },
];

/// The samples of an operation, and its example requests, if its body depends on the provider.
pub struct Samples {
    pub operation: String,
    /// The value of `x-codeSamples`.
    pub samples: Vec<Value>,
    /// The folder, the title and the body of each provider; empty if the body does not depend on the provider.
    pub requests: Vec<(String, String, Value)>,
}

/// The samples of each operation of the document.
pub fn all(spec: &Spec) -> Result<Vec<Samples>> {
    call::all(spec)?.into_iter().map(|(operation, calls)| of_operation(operation, &calls)).collect()
}

fn of_operation(operation: String, calls: &[Call]) -> Result<Samples> {
    let mut samples = Vec::new();
    for language in &LANGUAGES {
        for call in calls {
            // Without an empty line at the end.
            let source = (language.write)(call)?.trim_end().to_owned();
            let label = match call.provider {
                Some(provider) => format!("{} · {}", language.label, provider.title),
                None => language.label.to_owned(),
            };
            samples.push(json!({ "lang": language.lang, "label": label, "source": source }));
        }
    }
    let request = |call: &Call| {
        let provider = call.provider?;
        Some((provider.folder.clone(), provider.title.clone(), call.body.clone()?))
    };
    Ok(Samples { operation, samples, requests: calls.iter().filter_map(request).collect() })
}
