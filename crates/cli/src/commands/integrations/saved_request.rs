//! `--save`: a request that is kept in a file, with references in place of its secrets.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use ocamba_fleet::{is_reference, variable_name};
use ocamba_hood::ProviderInfo;
use serde_json::{Map, Value};

use crate::shared::failure::{self, Failure};
use crate::shared::paths;

/// Checks a path before anything is read.
pub fn check(path: &Path) -> Result<(), Failure> {
    match path.as_os_str() == "-" {
        true => Err(cannot_save(path, &"- names no file")),
        false => paths::check_writable(path).map_err(|why| cannot_save(path, &why)),
    }
}

/// Checks that a file does not exist, before any question.
pub fn check_new(path: &Path) -> Result<(), Failure> {
    match path.exists() {
        true => Err(cannot_save(path, &"it exists already, and may have another request")),
        false => Ok(()),
    }
}

/// Writes a request to a new file, as YAML if its name ends so, and else as JSON. A secret becomes a reference to a variable: returns
/// what permits to read those. The same request in the file already is that of an earlier run.
pub fn write(path: &Path, mut fields: Map<String, Value>) -> Result<Option<String>, Failure> {
    let id = fields.get("provider_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let provider = ProviderInfo::of(&id);
    let prefix = provider.map_or("SECRET", |provider| provider.type_name).to_uppercase();
    let mut variables = Vec::new();
    for (name, value) in fields.get_mut("settings").and_then(Value::as_object_mut).into_iter().flatten() {
        // Any setting of an unknown provider may be a secret.
        let is_secret = provider.is_none_or(|provider| provider.setting(name).is_some_and(|setting| setting.secret));
        if is_secret && !value.as_str().is_some_and(is_reference) {
            let variable = variable_name(&format!("{prefix}_{name}"));
            *value = format!("env:{variable}").into();
            variables.push(variable);
        }
    }
    let is_yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    let text = match is_yaml {
        true => serde_saphyr::to_string(&fields).map_err(|error| cannot_save(path, &error))?,
        false => format!("{:#}\n", Value::Object(fields)),
    };
    let written = match File::create_new(path) {
        Ok(mut file) => file.write_all(text.as_bytes()).inspect_err(|_| drop(fs::remove_file(path))),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match fs::read(path) {
            Ok(before) if before == text.as_bytes() => Ok(()),
            _ => Err(error),
        },
        Err(error) => Err(error),
    };
    written.map_err(|error| cannot_save(path, &error))?;
    let permission = (!variables.is_empty()).then(|| format!("env:{prefix}_"));
    let hint = permission.as_ref().map_or_else(String::new, |permission| {
        let variables = variables.join(", ");
        format!(", without its secrets: to use it, set {variables} and give --references {permission}")
    });
    failure::note(&format!("the request is in {}{hint}", path.display()));
    Ok(permission)
}

fn cannot_save(path: &Path, why: &dyn std::fmt::Display) -> Failure {
    Failure::bad_input(format!("the request cannot be saved in {}: {why}", path.display()))
        .hint("name a file that does not exist yet, in a folder that is writable; nothing was sent")
}
