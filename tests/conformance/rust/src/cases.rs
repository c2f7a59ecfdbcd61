//! Reads the cases, and writes the plan. ../../README.md describes the format.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use ocamba_hood::providers;
use serde_json::Value;

use crate::Result;
use crate::examples::Examples;
use crate::expand::expand;
use crate::plan::{Case, Plan};
use crate::sandbox::Sandbox;
use crate::template::fill;

/// Token of the sandbox, and the default token of each client.
const TOKEN: &str = "token-canary";
/// Default timeout of a call, so that a runner does not hang for long.
const TIMEOUT_MS: u64 = 10_000;
/// Number of integrations that have a word for their ID.
const MOST_IDS: u64 = 9;
/// Attempts of a case that measures time. A busy machine is late now and then; an error in a client is there each time.
const TIMED_ATTEMPTS: u32 = 3;

/// Returns the cases of these themes, or of all files and all examples if there are none. A theme is the name of a file.
pub async fn plan(sandbox: &str, themes: &[&str]) -> Result<Plan> {
    let local = sandbox.replace("https://", "http://");
    let is_direct = themes.is_empty();
    let mut examples = Examples::read()?;
    let first_id = first_id(&local, &examples.request).await?;
    examples.created["id"] = first_id.to_string().into();
    let words = words(sandbox, first_id, &examples)?;
    let mut cases = examples.cases()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cases");
    for file in listed(&folder)? {
        let theme = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !is_direct && !themes.contains(&theme.as_str()) {
            continue;
        }
        let all: Vec<Value> = serde_json::from_slice(&std::fs::read(&file)?).map_err(|e| format!("{theme}: {e}"))?;
        for mut case in all {
            if case.as_object_mut().and_then(|fields| fields.remove("direct")).is_some() && !is_direct {
                continue;
            }
            let name = format!("{theme}: {}", case["name"].as_str().unwrap_or_default());
            let case = expand(fill(case, &words), &examples).map_err(|e| format!("{name}: {e}"))?;
            cases.push(Case { name, ..case });
        }
    }
    let mut names = HashSet::new();
    if let Some(twice) = cases.iter().find(|case| !names.insert(&case.name)) {
        return Err(format!("{} appears more than once", twice.name).into());
    }
    for case in &mut cases {
        let has_timeout = case.client.timeout_ms.is_some() || case.calls.iter().any(|call| call.timeout_ms.is_some());
        case.attempts = if has_timeout || case.at_most_ms.is_some() { TIMED_ATTEMPTS } else { 1 };
        let client = &mut case.client;
        client.token.get_or_insert_with(|| TOKEN.to_owned());
        client.base_url.get_or_insert_with(|| sandbox.to_owned());
        client.timeout_ms.get_or_insert(TIMEOUT_MS);
    }
    let secrets = vec![TOKEN.to_owned(), examples.secret()?];
    Ok(Plan { sandbox: local, token: TOKEN.to_owned(), secrets, cases })
}

/// Returns the sorted content of a folder. An empty folder is an error: a suite without cases would pass.
pub fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = std::fs::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>()?;
    all.sort();
    if all.is_empty() { Err(format!("{} is empty", folder.display()).into()) } else { Ok(all) }
}

/// Returns the words in braces and their replacements.
fn words(sandbox: &str, first_id: u64, examples: &Examples) -> Result<Vec<(String, String)>> {
    let settings = providers()[0].settings;
    let required = settings.iter().find(|s| s.required).ok_or("the first provider requires no setting")?.name;
    let secret = settings.iter().find(|s| s.secret).ok_or("the first provider has no secret")?.name;
    let ids = (1..=MOST_IDS).map(|n| (format!("{{id {n}}}"), (first_id + n - 1).to_string()));
    let others = [
        ("{sandbox}", sandbox.to_owned()),
        ("{address}", sandbox.rsplit('/').next().unwrap_or_default().to_owned()),
        ("{token}", TOKEN.to_owned()),
        ("{provider}", providers()[0].id.to_owned()),
        ("{another provider}", providers()[1].id.to_owned()),
        ("{required}", required.to_owned()),
        ("{secret}", secret.to_owned()),
        ("{secret value}", examples.secret()?),
        ("{id}", first_id.to_string()),
        // Letters of two bytes each: the limit counts characters.
        ("{100 letters}", "é".repeat(100)),
        ("{101 letters}", "é".repeat(101)),
    ];
    Ok(ids.chain(others.map(|(word, meant)| (word.to_owned(), meant))).collect())
}

/// Returns the ID of the first integration. The sandbox counts on from it, and starts over after a reset.
async fn first_id(sandbox: &str, request: &Value) -> Result<u64> {
    let sandbox = Sandbox { base_url: sandbox, http: reqwest::Client::new() };
    sandbox.reset().await?;
    let created = sandbox.give(request).await?;
    sandbox.reset().await?;
    Ok(created["id"].as_str().ok_or("the sandbox gave no id")?.parse()?)
}
