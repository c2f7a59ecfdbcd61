//! The TypeScript types of requests and responses, and samples that the compiler checks.

mod lines;
mod requests;
mod results;
mod samples;
mod settings;
mod updates;

use lines::Lines;
pub use samples::samples;

use super::spec::Spec;
use crate::Result;

/// `bindings/node/lib/types.d.ts`.
pub fn types(spec: &Spec, banner: &str) -> Result<String> {
    let mut out = Lines::begin(banner);
    out.line(
        "import type { Secret } from \"./index.js\";\n\n// Without this line, everything below would be exported.\nexport {};",
    );
    for open in spec.open_enums() {
        let known: Vec<_> = open.known.iter().map(|value| format!("{value:?} | ")).collect();
        out.doc("", &open.description);
        out.line(format!("export type {} = {}(string & {{}});", open.name, known.concat()));
    }
    settings::write(spec, &mut out);
    requests::write(spec, &mut out)?;
    updates::write(spec, &mut out)?;
    results::write(spec, &mut out)?;
    Ok(out.0)
}
