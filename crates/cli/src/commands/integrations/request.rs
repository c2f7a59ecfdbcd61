//! The requests of commands: an ID, a FILE, options, or answers at prompts.

use std::path::PathBuf;

use clap::Args;
use ocamba_fleet::{Damage, References, damage_of_request};
use ocamba_hood::{Error, Operation, ProviderInfo, REDACTED, RequestBody};
use serde_json::{Map, Value};

use super::field_options::FieldOptions;
use super::prompts;
use super::saved_request;
use super::settings::Settings;
use crate::parts::shell;
use crate::shared::error_hints;
use crate::shared::failure::{self, Failure};
use crate::shared::options::Global;
use crate::shared::provider_names;
use crate::shared::references::{self, resolve};
use crate::shared::request_file::RequestFile;

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
    #[arg(long, value_name = "FILE")]
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
    /// FILE on the command line, if there is one.
    argument: Option<String>,
}

impl RequestInput {
    /// Reads the request of an operation, and validates it.
    pub fn read(&self, operation: &str, global: &Global) -> Result<Request, Failure> {
        let references = self.references.permitted(global.keyring())?;
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
        if let Some(path) = &self.save {
            saved_request::write(path, fields)?;
            request.argument = Some(path.display().to_string());
        }
        Ok(request)
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
                Err(error) if can_ask => prompts::ask_for(&error, &mut fields)?,
                Err(error) if file.is_some() => return Err(refused(&error, &text, &source)),
                Err(error) => return Err(lacking(&error)),
            }
        };
        let name = fields.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let text = Value::Object(fields.clone()).to_string();
        let request = Request { operation, source, name, text, argument: file.map(RequestFile::argument) };
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
        format!("{program} integrations list --search {}", shell::quoted(&self.name))
    }

    /// Returns a command that ensures the integration with the same request.
    pub fn ensure_command(&self, program: &str) -> String {
        match &self.argument {
            Some(file) => format!("{program} integrations ensure {}", shell::quoted(file)),
            None => format!("{program} integrations ensure with the same options"),
        }
    }
}

/// Refuses values that a spreadsheet has damaged, and notes those that are probably not meant.
fn check_damage(request: &Request) -> Result<(), Failure> {
    let mut failure = None;
    for damage in damage_of_request(&request.text) {
        match damage {
            Damage::Error(field, message) => {
                let all = failure.take().unwrap_or_else(|| Failure::bad_input(format!("errors in {}", request.source)));
                failure = Some(all.field_error(&field, message));
            }
            Damage::Warning(field, message) => failure::note(&format!("{field} in {} {message}", request.source)),
        }
    }
    failure.map_or(Ok(()), |failure| Err(failure.hint(format!("fix {}; nothing was sent", request.source))))
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
    Ok(Request { operation, source: file.name(), name, text: resolved, argument: Some(file.argument()) })
}

/// Returns a request with `provider_id` in place of `provider`. A text that cannot be read has a better error later.
fn normalized(text: &str) -> String {
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
    let fix = format!("fix {source}{flag} and run the command again; nothing was sent");
    error_hints::on_invalid_input(error, source).hint(fix)
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
