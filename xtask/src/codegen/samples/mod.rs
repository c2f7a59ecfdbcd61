//! Code samples of each operation, as `x-codeSamples` of the bundle: what a person would paste.

mod call;
mod command_line;
mod curl;
mod fetch;
mod literal;
mod node;
mod php;
mod python;
mod rust;

use serde_json::{Value, json};

use self::call::Call;
use super::spec::Spec;
use crate::Result;

/// A language that samples are in.
struct Language {
    /// How highlighters call it.
    lang: &'static str,
    /// How people call it.
    label: &'static str,
    write: fn(&Call) -> Result<String>,
}

/// In the order in which people see them.
const LANGUAGES: [Language; 7] = [
    Language { lang: "shell", label: "cURL", write: |call| Ok(curl::write(call)) },
    Language { lang: "javascript", label: "JavaScript fetch", write: |call| Ok(fetch::write(call)) },
    Language { lang: "php", label: "PHP", write: |call| Ok(php::write(call)) },
    Language { lang: "rust", label: "Rust", write: rust::write },
    Language { lang: "python", label: "Python", write: python::write },
    Language { lang: "javascript", label: "Node", write: node::write },
    Language { lang: "shell", label: "Command line", write: command_line::write },
];

/// The samples of an operation, and where what it takes differs from provider to provider, its examples of requests.
pub struct Samples {
    pub operation: String,
    /// The value of `x-codeSamples`.
    pub samples: Vec<Value>,
    /// For each provider its folder, its title, and the body; empty where the operation is not told by provider.
    pub requests: Vec<(String, String, Value)>,
}

/// One for each operation of the document.
pub fn all(spec: &Spec) -> Result<Vec<Samples>> {
    call::all(spec)?.into_iter().map(|(operation, calls)| of_operation(operation, &calls)).collect()
}

fn of_operation(operation: String, calls: &[Call]) -> Result<Samples> {
    let mut samples = Vec::new();
    for language in &LANGUAGES {
        for call in calls {
            // Shown without the line that would be empty.
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

/// An operation that a language has no template for yet.
fn unknown(call: &Call, file: &str) -> Box<dyn std::error::Error> {
    format!("there is no sample of the operation {}: write one in xtask/src/codegen/samples/{file}", call.operation)
        .into()
}
