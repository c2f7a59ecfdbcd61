//! `ocamba api`: any request, with the account, the rate limit and the outcomes of the other commands.

use clap::Args;
use ocamba_hood::{CheckedBody, Operation, ProviderInfo, REDACTED, Response};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::shared::account::Account;
use crate::shared::error_hints::{self, CommandContext, Effect};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::request_file::RequestFile;
use crate::shared::{calls, help, output};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("read", "ocamba api GET /v1/hood/integrations --field page_size=5"),
    ("send a body", "ocamba api POST /v1/hood/integrations --input request.json"),
    ("send fields, and show the status and the headers", "ocamba api PUT /v1/hood/integrations/1165 --field name=New --include"),
]))]
pub struct Options {
    /// Method, as GET, POST, PUT or DELETE
    method: String,

    /// Path on the server, as /v1/hood/integrations
    path: String,

    /// Field of the JSON body, or of the query of a GET
    #[arg(long, value_name = "KEY=VALUE", value_parser = field)]
    field: Vec<(String, String)>,

    /// Body as JSON or YAML; - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "field")]
    input: Option<RequestFile>,

    /// Show the status and the headers, too
    #[arg(long)]
    include: bool,
}

/// Sends the request, and prints the response.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let method = options.method.to_uppercase();
    let client = Account::of(global)?.client(global)?;
    let (path, body) = options.path_and_body(&method, client.base_url())?;
    let operation = Operation::raw(&method, &path, body)
        .map_err(|error| error_hints::on_invalid_input(&error, "the command line").hint("fix it; nothing was sent"))?;
    let effect = (!["GET", "HEAD", "OPTIONS"].contains(&method.as_str())).then(|| Effect {
        none: "nothing was changed",
        possible: "the request may have taken effect",
        applied: "the request took effect",
        after_unknown: "check what the account has before you run the command again".to_owned(),
        after_applied: "do not run it again before you have checked what the account has".to_owned(),
    });
    let context = CommandContext { source: "the command line", permission: "make this request", effect };
    let response = calls::block_on(calls::send(global, &client, operation, &context))?;
    print(&response, options.include, global)
}

impl Options {
    /// Returns the path with its query, and the body. A whole URL must be one of the client's server: the token goes to no other.
    fn path_and_body(&self, method: &str, base_url: &str) -> Result<(String, Option<String>), Failure> {
        let path = self.path.strip_prefix(base_url.trim_end_matches('/')).filter(|rest| rest.starts_with('/'));
        let path = path.unwrap_or(&self.path);
        if path.contains("://") {
            return Err(Failure::bad_input("the path is the URL of another server")
                .hint("give a path, as /v1/hood/integrations, and the server with --base-url; nothing was sent"));
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        if let Some(file) = &self.input {
            return Ok((path, Some(file.read()?)));
        }
        let body = match (self.field.as_slice(), method) {
            ([], _) => None,
            (fields, "GET" | "HEAD") => {
                let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                let separator = if path.contains('?') { '&' } else { '?' };
                return Ok((format!("{path}{separator}{query}"), None));
            }
            (fields, _) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
                Some(Value::Object(Map::from_iter(fields)).to_string())
            }
        };
        Ok((path, body))
    }
}

fn print(response: &Response<CheckedBody>, include: bool, global: &Global) -> Result<(), Failure> {
    let text = response.value.as_str();
    let mut body = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    if !global.reveal {
        hide_secrets(&mut body);
    }
    let mut head = String::new();
    if include {
        head = format!("{}\n", response.status);
        for (name, value) in &response.headers {
            head += &format!("{name}: {}\n", ocamba_hood::printable(&String::from_utf8_lossy(value.as_bytes())));
        }
        head.push('\n');
        if global.output.is_some() {
            let headers = response
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), Value::from(String::from_utf8_lossy(value.as_bytes()))));
            let headers: Map<_, _> = headers.collect();
            body = json!({ "status": response.status.as_u16(), "headers": headers, "body": body });
            head.clear();
        }
    }
    // A pipe gets JSON alone, a terminal JSON that can be read.
    let shown = match &body {
        Value::String(text) => format!("{}\n", ocamba_hood::printable(text)),
        body => format!("{body:#}\n"),
    };
    match (global.output, head.is_empty()) {
        (None, false) => output::write(&(head + &shown)),
        (_, _) => output::print(global.output, &body, || shown),
    }
}

/// Hides whatever may be a secret in each object with settings. Those of a provider that is not known are hidden whole.
fn hide_secrets(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_secrets),
        Value::Object(fields) => {
            let id = fields.get("provider_id").or_else(|| fields.get("provider")?.get("id"));
            let id = id.and_then(ocamba_hood::text_of_id);
            let provider = id.as_deref().and_then(ProviderInfo::of);
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("settings", Value::Object(settings)) => {
                        let is_public = |name: &str| provider?.setting(name).map(|setting| !setting.secret);
                        for (_, value) in settings.iter_mut().filter(|(name, _)| is_public(name) != Some(true)) {
                            *value = REDACTED.into();
                        }
                    }
                    (_, value) => hide_secrets(value),
                }
            }
        }
        _ => {}
    }
}

fn field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
