//! `ocamba api`: any request, with the account, the rate limit and the outcomes of the other commands.

use clap::Args;
use ocamba_hood::{Operation, ProviderInfo, REDACTED};
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
    ("send fields, and show the status and the headers", "ocamba api PATCH /v1/hood/integrations/1165 --field name=New --include"),
]))]
pub struct Options {
    /// Method, as GET, POST or PATCH
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
    let response = calls::block_on(calls::try_send(global, &client, operation, &context))?;
    let response = response.map_err(|error| {
        let failure = error_hints::on_call(&error, &context, client.base_url());
        let Some(status) = error.status().filter(|_| options.include) else { return failure };
        // The failure has what the body says.
        let head =
            Head::of(&status, status.as_u16(), error.headers().iter().map(|(name, value)| (name, value.as_bytes())));
        let _ = print(Some(&head), Value::Null, global);
        failure
    })?;
    let (status, headers) = (response.status, response.headers.iter());
    let head = Head::of(&status, status.as_u16(), headers.map(|(name, value)| (name, value.as_bytes())));
    let text = response.value.as_str();
    let mut body = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    if !global.reveal {
        hide_secrets(&mut body);
    }
    print(Some(&head).filter(|_| options.include), body, global).map_err(|failure| {
        let applied = context.effect.as_ref().map(|effect| effect.applied.to_owned());
        failure.note("outcome", applied)
    })
}

impl Options {
    /// Returns the path with its query, and the body. A whole URL must be one of the client's server: the token goes to no other.
    fn path_and_body(&self, method: &str, base_url: &str) -> Result<(String, Option<String>), Failure> {
        let path = self.path.strip_prefix(base_url.trim_end_matches('/')).filter(|rest| rest.starts_with('/'));
        let path = path.unwrap_or(&self.path);
        // A query may have any URL.
        if !path.starts_with('/') && path.split('?').next().is_some_and(|path| path.contains("://")) {
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
                let names = || fields.iter().map(|(name, _)| name);
                if let Some((_, twice)) =
                    names().enumerate().find(|(index, name)| names().take(*index).any(|it| it == *name))
                {
                    return Err(Failure::bad_input(format!("--field {twice} is given twice"))
                        .hint("a JSON body has each field once; --input FILE sends any body; nothing was sent"));
                }
                let fields = fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
                Some(Value::Object(Map::from_iter(fields)).to_string())
            }
        };
        Ok((path, body))
    }
}

/// Status and headers of a response.
struct Head {
    status: String,
    code: u16,
    headers: Vec<(String, String)>,
}

impl Head {
    fn of<'h>(
        status: &dyn std::fmt::Display,
        code: u16,
        headers: impl Iterator<Item = (impl std::fmt::Display, &'h [u8])>,
    ) -> Self {
        let headers = headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value).into_owned()));
        Self { status: status.to_string(), code, headers: headers.collect() }
    }

    fn to_json(&self, body: &Value) -> Value {
        let headers = self.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        json!({ "status": self.code, "headers": headers.collect::<Map<_, _>>(), "body": body })
    }

    fn to_text(&self) -> String {
        let header = |(name, value): &(String, String)| format!("{name}: {}\n", ocamba_hood::printable(value));
        format!("{}\n{}\n", self.status, self.headers.iter().map(header).collect::<String>())
    }
}

/// Prints a response. A pipe gets JSON alone, a terminal JSON that can be read.
fn print(head: Option<&Head>, body: Value, global: &Global) -> Result<(), Failure> {
    let shown = |body: &Value| match body {
        Value::Null if head.is_some() => String::new(),
        Value::String(text) => format!("{}\n", ocamba_hood::printable(text)),
        body => format!("{body:#}\n"),
    };
    match (head, global.output) {
        (Some(head), None) => output::write(&(head.to_text() + &shown(&body))),
        (Some(head), _) => output::print(global.output, &head.to_json(&body), || head.to_text() + &shown(&body)),
        (None, _) => output::print(global.output, &body, || shown(&body)),
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
