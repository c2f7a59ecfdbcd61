//! `ocamba integrations list`.

use clap::Args;
use clap::builder::PossibleValuesParser;
use ocamba_hood::{CheckedBody, Client, Integration, Operation, Page, Response, providers};
use serde_json::{Value, json};

use super::show::{self, decode, to_json};
use crate::parts::table::{BOLD, Cell};
use crate::shared::account::Account;
use crate::shared::error_hints::{self, CommandContext};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::output::{self, Format, Listing};
use crate::shared::{calls, help, provider_names};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("all integrations, printed page by page", "ocamba integrations list"),
    ("search", "ocamba integrations list --type sms --search Example"),
    ("the five newest", "ocamba integrations list --sort=-id --limit 5"),
    ("one page, with the total", "ocamba integrations list --page 2 --page-size 20 --output json"),
    ("for a script, one integration per line", "ocamba integrations list --fields id,name --output jsonl"),
]))]
pub struct Options {
    /// Only those that send this: sms or email
    #[arg(long = "type", value_name = "TYPE", value_parser = channels(), hide_possible_values = true)]
    kind: Option<String>,

    /// Only those of a provider, given by ID or name
    #[arg(long, value_name = "PROVIDER", value_parser = provider_names::parser(), hide_possible_values = true)]
    provider: Option<String>,

    /// Only those with this text in their name
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    search: Option<String>,

    /// Search these fields instead, as name,status
    #[arg(long, value_name = "A,B", requires = "search")]
    search_fields: Option<String>,

    /// Sort by these fields, as name,-id [default: id]
    #[arg(long, value_name = "A,-B", allow_hyphen_values = true)]
    sort: Option<String>,

    /// Only these fields and the ID, as name,status
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = show::field_name)]
    fields: Vec<String>,

    /// Level of detail: full or default
    #[arg(long, value_name = "VIEW", value_parser = ["full", "default"], hide_possible_values = true)]
    view: Option<String>,

    /// Only this page, from 1, with the total
    #[arg(long, value_name = "N", conflicts_with = "limit")]
    page: Option<u64>,

    /// Integrations per page [default: 100]
    #[arg(long, value_name = "M")]
    page_size: Option<u64>,

    /// Maximum number; reads only the pages it needs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
}

/// Prints the integrations.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let operation = Operation::from_json("list", None, &options.filters().to_string(), false).map_err(|error| {
        error_hints::on_invalid_fields(&error, "the options", flag).hint("fix it; nothing was sent")
    })?;
    let context = CommandContext::reading("the options", "list integrations");
    let client = Account::of(global)?.client(global)?;
    calls::block_on(async {
        match options.page {
            Some(number) => options.one(number, &calls::send(global, &client, operation, &context).await?, global),
            None => options.all(&client, operation, &context, global).await,
        }
    })
}

impl Options {
    /// Returns the filters, as the API names them.
    fn filters(&self) -> Value {
        // A small limit needs a small page only.
        let page_size = self.page_size.or(self.limit.filter(|limit| *limit < 100));
        let fields = Some(&self.fields).filter(|fields| !fields.is_empty());
        json!({
            "type": self.kind, "provider_id": self.provider, "q": self.search, "q_fields": self.search_fields,
            "sort": self.sort, "fields": fields, "view": self.view, "page": self.page, "page_size": page_size,
        })
    }

    /// Prints one page.
    fn one(&self, number: u64, response: &Response<CheckedBody>, global: &Global) -> Result<(), Failure> {
        let (total, items) = read(response, global)?;
        let format = Format::or_default(global.output);
        if let Format::Json | Format::Yaml = format {
            return output::print(Some(format), &json!({ "total": total, "items": items }), String::new);
        }
        let mut listing = Listing::new(format, self.header());
        listing.print(&items, |item| self.row(item))?;
        let of = total.map_or_else(String::new, |total| format!(" of {total}"));
        listing.end(&format!("page {number}: {}{of}", counted(items.len())))
    }

    /// Prints page after page, until the reader goes away.
    async fn all(
        &self,
        client: &Client,
        list: Operation,
        context: &CommandContext<'_>,
        global: &Global,
    ) -> Result<(), Failure> {
        let mut listing = Listing::new(Format::or_default(global.output), self.header());
        let limit = self.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let mut pages = client.paginator(list);
        while listing.count < limit
            && let Some(page) = calls::patiently(pages.next(), client).await
        {
            let page = page.map_err(|error| {
                let printed = Some(listing.count).filter(|count| *count > 0).map(counted);
                let note = printed.map(|count| format!("the list is incomplete: it ends after {count}"));
                error_hints::on_call(&error, context, client.base_url()).note("printed", note)
            });
            let (_, mut items) = read(&page?, global)?;
            items.truncate(limit - listing.count);
            if !listing.print(&items, |item| self.row(item))? {
                return Ok(());
            }
        }
        let count = listing.count;
        let footer = if count == limit { format!("the first {}", counted(count)) } else { counted(count) };
        listing.end(&footer)
    }

    fn header(&self) -> Vec<Cell> {
        match self.fields.as_slice() {
            [] => ["id", "name", "type", "provider", "status"].map(Cell::header).to_vec(),
            fields => fields.iter().map(|name| Cell::header(name)).collect(),
        }
    }

    fn row(&self, item: &Value) -> Vec<Cell> {
        let value = |name: &str| show::cell(item.get(name).unwrap_or(&Value::String(String::new())));
        if !self.fields.is_empty() {
            return self.fields.iter().map(|name| value(name)).collect();
        }
        let provider = item.get("provider_id").map_or_else(|| Cell::new(""), show::provider);
        let id = item.get("id").and_then(Value::as_str).unwrap_or_default();
        // Together they fit 80 columns.
        vec![Cell::styled(id, BOLD), value("name").cut(30), value("type"), provider.cut(22), status(item)]
    }
}

/// Returns the status, with the effective status where that differs.
fn status(item: &Value) -> Cell {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    match (text("status"), text("effective_status")) {
        (Some(status), Some(effective)) if status != effective => Cell::new(format!("{status} ({effective})")),
        (status, _) => Cell::new(status.unwrap_or_default()),
    }
}

/// Reads the total and the items of a page. Secrets are hidden without --reveal.
fn read(response: &Response<CheckedBody>, global: &Global) -> Result<(Option<u64>, Vec<Value>), Failure> {
    let page: Page<Integration> = decode(response)?;
    let items = page.items.iter().map(|item| to_json(item, global)).collect::<Result<_, _>>()?;
    Ok((page.total, items))
}

fn counted(count: usize) -> String {
    match count {
        0 => "no integrations".to_owned(),
        1 => "1 integration".to_owned(),
        count => format!("{count} integrations"),
    }
}

/// Returns the option of a filter.
fn flag(filter: &str) -> String {
    let option = match filter {
        "provider_id" => "provider",
        "q" => "search",
        "q_fields" => "search-fields",
        other => other,
    };
    format!("--{}", option.replace('_', "-"))
}

/// Returns a parser of the types that providers have.
fn channels() -> PossibleValuesParser {
    let all: std::collections::BTreeSet<_> = providers().iter().map(|provider| provider.channel).collect();
    PossibleValuesParser::new(all)
}
