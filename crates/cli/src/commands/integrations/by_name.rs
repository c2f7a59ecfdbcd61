//! Integrations that are given by name in place of an ID.

use ocamba_hood::{Client, printable};

use crate::shared::error_hints::{self, CommandContext};
use crate::shared::failure::{Exit, Failure};

/// Returns the ID of the integration that a user named: digits are an ID, and any other text is a name. Names are compared with the
/// whole list, since how the server's search compares texts is not documented.
pub async fn id_of(client: &Client, text: &str) -> Result<String, Failure> {
    if is_id(text) {
        return Ok(text.to_owned());
    }
    let context = CommandContext::reading("the name", "list integrations");
    let mut items = client.integrations().list().items();
    let mut found = Vec::new();
    while let Some(item) = items.next().await {
        let item = item.map_err(|error| error_hints::on_call(&error, &context, client.base_url()))?;
        if item.name.as_deref() == Some(text) {
            found.push(item.id);
        }
    }
    let name = printable(text);
    match found.as_slice() {
        [id] => Ok(id.clone()),
        [] => Err(Failure::bad_input(format!("no integration has the name {name}"))
            .hint("'ocamba integrations list' shows all names and IDs; nothing was changed")),
        several => Err(Failure::new(Exit::Duplicate, format!("{} integrations have the name {name}", several.len()))
            .note("outcome", "nothing was changed".to_owned())
            .hint(format!("give one of their IDs: {}", several.join(", ")))),
    }
}

/// Returns true for an ID: digits are documented.
pub fn is_id(text: &str) -> bool {
    text.is_empty() || text.bytes().all(|b| b.is_ascii_digit())
}
