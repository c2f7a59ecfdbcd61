//! `--save`: a request that is kept in a file, with references in place of its secrets.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use ocamba_hood::ProviderInfo;
use serde_json::{Map, Value};

use crate::shared::failure::{self, Failure};
use ocamba_fleet::{expand_home, is_reference};

/// Writes a request to a new file, as YAML if its name ends so, and else as JSON. A secret becomes a reference to a variable.
pub fn write(path: &Path, mut fields: Map<String, Value>) -> Result<(), Failure> {
    let id = fields.get("provider_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let provider = ProviderInfo::of(&id);
    let prefix = provider.map_or("SECRET", |provider| provider.type_name).to_uppercase();
    let mut variables = Vec::new();
    for (name, value) in fields.get_mut("settings").and_then(Value::as_object_mut).into_iter().flatten() {
        // Any setting of an unknown provider may be a secret.
        let is_secret = provider.is_none_or(|provider| provider.setting(name).is_some_and(|setting| setting.secret));
        if is_secret && !value.as_str().is_some_and(is_reference) {
            let variable = format!("{prefix}_{}", name.to_uppercase());
            *value = format!("env:{variable}").into();
            variables.push(variable);
        }
    }
    let path = &expand_home(path);
    let is_yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    let text = match is_yaml {
        true => serde_saphyr::to_string(&fields).map_err(|error| cannot_save(path, &error))?,
        false => format!("{:#}\n", Value::Object(fields)),
    };
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| cannot_save(path, &error))?;
    let hint = match variables.as_slice() {
        [] => String::new(),
        names => {
            format!(", without its secrets: to use it, set {} and give --references env:{prefix}_", names.join(", "))
        }
    };
    failure::note(&format!("the request is in {}{hint}", path.display()));
    Ok(())
}

fn cannot_save(path: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::bad_input(format!("the request cannot be saved in {}: {why}", path.display()))
        .hint("name a file that does not exist yet, in a folder that is writable; nothing was sent")
}
