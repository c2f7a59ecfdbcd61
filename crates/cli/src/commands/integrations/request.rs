//! The requests of commands: an ID, a FILE, options, or answers at prompts.

use std::path::PathBuf;

use clap::Args;
use ocamba_fleet::{Damage, References, damage_of_request};
use ocamba_hood::{Error, Operation, ProviderInfo, REDACTED, RequestBody};
use serde_json::{Map, Value};

use super::field_options::FieldOptions;
use super::prompts;
use super::saved_request;
use super::settings::{Settings, check_name};
use crate::parts::shell;
use crate::shared::error_hints;
use crate::shared::failure::{self, Failure};
use crate::shared::options::Global;
use crate::shared::references::{self, resolve};
use crate::shared::request_file::RequestFile;
use crate::shared::{paths, provider_names};

/// The request of a command. Options override the fields of the FILE. A terminal asks for what is missing.
#[derive(Args)]
pub struct RequestInput {
    /// Request as JSON or YAML; - reads standard input
    file: Option<RequestFile>,

    /// Provider, given by ID or name
    #[arg(long, value_name = "PROVIDER", value_parser = provider_names::parser(), hide_possible_values = true)]
    provider: Option<String>,

    #[command(flatten)]
    fields: FieldOptions,

    /// Keep the request in a file, without its secrets
    #[arg(long, value_name = "FILE", value_parser = paths::parser())]
    save: Option<PathBuf>,

    /// Accept a provider_id unknown to this version
    #[arg(long)]
    allow_unknown_provider: bool,

    #[command(flatten)]
    references: references::Options,
}

/// A request that was read and validated.
pub struct Request {
    pub operation: Operation,
    /// Name of its source in messages.
    pub source: String,
    /// Name of the integration.
    pub name: String,
    /// Its JSON text, with secrets.
    pub text: String,
    /// Arguments of commands that take the same request, or what they are in words.
    again: String,
}

impl RequestInput {
    /// Reads the request of an operation, and validates it.
    pub fn read(&self, operation: &str, global: &Global) -> Result<Request, Failure> {
        let references = self.references.permitted(global.keyring())?;
        self.save.as_deref().map_or(Ok(()), saved_request::check)?;
        let has_options = self.provider.is_some() || !self.fields.is_empty();
        let (mut request, fields) = match &self.file {
            Some(file) if !has_options => {
                let text = normalized(&file.read()?);
                let request = checked_file(file, &text, operation, self.allow_unknown_provider, &references)?;
                (request, self.save.as_ref().map(|_| file.object(&text)).transpose()?.unwrap_or_default())
            }
            _ => self.compose(operation, &references)?,
        };
        check_damage(&request)?;
        check_name(&request.name)
            .map_err(|why| Failure::bad_fields(&request.source, &[("name", why)]).hint(fix(&request.source)))?;
        request.again = match (&self.save, &self.file) {
            (Some(path), _) => {
                let permission = saved_request::write(path, fields)?;
                self.arguments(&path.display().to_string(), permission.as_deref())
            }
            (None, Some(file)) if !has_options && !file.is_stdin() => self.arguments(&file.argument(), None),
            (None, Some(_)) => "with the same FILE and options".to_owned(),
            (None, None) => "with the same options".to_owned(),
        };
        Ok(request)
    }

    /// Returns the arguments of a command for the request in a file, with the permission that its references may need.
    fn arguments(&self, file: &str, permission: Option<&str>) -> String {
        let flag = if self.allow_unknown_provider { " --allow-unknown-provider" } else { "" };
        format!("{}{}{flag}", shell::quoted(file), self.references.arguments(permission))
    }

    /// Composes the request from a file, the options, and answers at prompts. Returns it, and its fields with references in
    /// place of secrets.
    fn compose(&self, operation: &str, references: &References) -> Result<(Request, Map<String, Value>), Failure> {
        let file = self.file.as_ref();
        let source = file.map_or_else(|| "the options".to_owned(), RequestFile::name);
        let text = file.map(RequestFile::read).transpose()?.map(|text| normalized(&text));
        let unresolved = match (file, &text) {
            (Some(file), Some(text)) => file.object(text)?,
            _ => Map::new(),
        };
        let mut fields = match (file, &text) {
            (Some(file), Some(text)) => file.object(&resolve(references, text, &source)?)?,
            _ => unresolved.clone(),
        };
        let settings = Settings::of(&self.fields.set, &[], file.is_some_and(RequestFile::is_stdin), references)?;
        fields.extend(self.provider.as_deref().map(|provider| ("provider_id".to_owned(), provider.into())));
        self.fields.add_to(&mut fields);
        if file.is_none() {
            fields.entry("status").or_insert_with(|| "active".into());
        }
        settings.add_to(&mut fields);
        let can_ask = file.is_none() && !settings.has_read_stdin() && prompts::can_ask();
        let operation = loop {
            if let Some(provider) = fields.get("provider_id").and_then(Value::as_str).and_then(ProviderInfo::of) {
                settings.type_by(provider, &mut fields);
            }
            let text = Value::Object(fields.clone()).to_string();
            match Operation::from_json(operation, None, &text, self.allow_unknown_provider) {
                Ok(operation) => break operation,
                Err(error) if can_ask => {
                    self.save.as_deref().map_or(Ok(()), saved_request::check_new)?;
                    prompts::ask_for(&error, &mut fields)?;
                }
                Err(error) if file.is_some() => return Err(refused(&error, &text, &source)),
                Err(error) => return Err(lacking(&error)),
            }
        };
        let name = fields.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let text = Value::Object(fields.clone()).to_string();
        let request = Request { operation, source, name, text, again: String::new() };
        let written = unresolved.get("settings").and_then(Value::as_object);
        settings.restore_references(written, &mut fields);
        Ok((request, fields))
    }
}

impl Request {
    /// Returns the request to be shown. Its secrets are hidden without --reveal.
    pub fn redacted(&self, global: &Global) -> Value {
        redacted(&serde_json::from_str(&self.text).unwrap_or_default(), global)
    }

    /// Returns a command that finds the integration.
    pub fn find_command(&self, program: &str) -> String {
        // A name may begin as an option does.
        format!("{program} integrations list --search={}", shell::quoted(&self.name))
    }

    /// Returns a command that ensures the integration with the same request.
    pub fn ensure_command(&self, program: &str) -> String {
        format!("{program} integrations ensure {}", self.again)
    }
}

/// Refuses values that a spreadsheet has damaged, and notes those that are probably not meant.
fn check_damage(request: &Request) -> Result<(), Failure> {
    let mut errors = Vec::new();
    for damage in damage_of_request(&request.text) {
        match damage {
            Damage::Error(field, message) => errors.push((field, message)),
            Damage::Warning(field, message) => failure::note(&format!("{field} in {} {message}", request.source)),
        }
    }
    match errors.as_slice() {
        [] => Ok(()),
        errors => Err(Failure::bad_fields(&request.source, errors).hint(fix(&request.source))),
    }
}

fn fix(source: &str) -> String {
    format!("fix {source}; nothing was sent")
}

/// Reads the request of an operation from a file, and validates it, without and with the secrets that it refers to.
pub fn from_file(
    file: &RequestFile,
    operation: &str,
    allow_unknown: bool,
    references: &References,
) -> Result<Request, Failure> {
    checked_file(file, &normalized(&file.read()?), operation, allow_unknown, references)
}

fn checked_file(
    file: &RequestFile,
    text: &str,
    operation: &str,
    allow_unknown: bool,
    references: &References,
) -> Result<Request, Failure> {
    let checked = |text: &str| {
        let checked = Operation::from_json(operation, None, text, allow_unknown);
        checked.map_err(|error| refused(&error, text, &file.name()))
    };
    checked(text)?;
    let resolved = resolve(references, text, &file.name())?;
    let operation = checked(&resolved)?;
    let json: Value = serde_json::from_str(text).unwrap_or_default();
    let name = json["name"].as_str().unwrap_or_default().to_owned();
    Ok(Request { operation, source: file.name(), name, text: resolved, again: String::new() })
}

/// Returns a request with `provider_id` in place of `provider`. A text that cannot be read has a better error later.
pub fn normalized(text: &str) -> String {
    ocamba_fleet::with_provider_id(text).unwrap_or_else(|| text.to_owned())
}

fn refused(error: &Error, text: &str, source: &str) -> Failure {
    let names_provider = |error: &Error| error.field_errors().iter().any(|error| error.field == "provider_id");
    // Validated again with the flag, to see whether it would help.
    let flag = match RequestBody::new_integration(text, true) {
        _ if !names_provider(error) => "",
        Err(error) if names_provider(&error) => "",
        _ => ", or give --allow-unknown-provider if the provider is new,",
    };
    let fix = format!("fix {source}{}{flag} and run the command again; nothing was sent", in_quotation_marks(error));
    error_hints::on_invalid_input(error, source).hint(fix)
}

/// Returns how a file makes a text of what looks like a number or a boolean: rows of a fleet are converted, and a single request
/// has the types that it says.
pub fn in_quotation_marks(error: &Error) -> &'static str {
    let wrong = ["must be a string, not a number", "must be a string, not a boolean"];
    match error.field_errors().iter().any(|error| wrong.iter().any(|wrong| error.message.contains(wrong))) {
        true => ": write texts in quotation marks,",
        false => "",
    }
}

/// Reports what the options lack.
fn lacking(error: &Error) -> Failure {
    let option = |field: &str| match (field, field.strip_prefix("settings.")) {
        ("provider_id", _) => "--provider".to_owned(),
        ("settings", _) => "--set".to_owned(),
        (_, Some(setting)) => format!("--set {setting}="),
        (field, None) => format!("--{field}"),
    };
    error_hints::on_invalid_fields(error, "the options", option).hint(
        "give these options, or a FILE with them; on a terminal, ocamba asks for what is missing; nothing was sent",
    )
}

/// Returns the fields of a request to be shown. What may be a secret is hidden without --reveal.
pub fn redacted(fields: &Map<String, Value>, global: &Global) -> Value {
    let mut fields = fields.clone();
    let provider = fields.get("provider_id").and_then(Value::as_str).and_then(ProviderInfo::of);
    for (name, value) in fields.get_mut("settings").and_then(Value::as_object_mut).into_iter().flatten() {
        let is_public = provider.and_then(|provider| provider.setting(name)).is_some_and(|setting| !setting.secret);
        if !is_public && !global.reveal && !value.is_null() {
            *value = REDACTED.into();
        }
    }
    fields.into()
}

/// Returns an operation on the integration with an ID, if the ID is valid.
pub fn operation_by_id(name: &str, id: &str) -> Result<Operation, Failure> {
    Operation::from_json(name, Some(id), "", false).map_err(|error| {
        error_hints::on_invalid_input(&error, "ID").hint("'ocamba integrations list' shows the IDs; nothing was sent")
    })
}
