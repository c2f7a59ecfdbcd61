//! `ocamba integrations list`.

use clap::Args;
use ocamba_hood::{CheckedBody, Client, Integration, Operation, ProviderInfo, Response, providers};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{fields, show, to_json};
use crate::account::Account;
use crate::advice::{self, Deed};
use crate::exit::Exit;
use crate::listing::Listing;
use crate::output::{self, Format};
use crate::report::Failure;
use crate::style::{BOLD, HEADER};
use crate::table::Cell;
use crate::{Global, run};

/// The options of `ocamba integrations list`.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// Only those that send this: sms or email
    #[arg(long = "type", value_name = "TYPE", value_parser = kind)]
    kind: Option<String>,

    /// Only those of this provider, by its id or name
    #[arg(long, value_name = "PROVIDER", value_parser = provider_id)]
    provider: Option<String>,

    /// Only those with this text in their name
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,

    /// Search these fields instead, as name,status
    #[arg(long, value_name = "A,B", requires = "search")]
    search_fields: Option<String>,

    /// Sort by these fields, as name,-id [default: id]
    #[arg(long, value_name = "A,-B", allow_hyphen_values = true)]
    sort: Option<String>,

    /// Only these fields and the id, as name,status
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = fields::name)]
    fields: Vec<String>,

    /// How much of each is told: full or default
    #[arg(long, value_name = "VIEW", value_parser = ["full", "default"], hide_possible_values = true)]
    view: Option<String>,

    /// Only this page, from 1 on; tells the total
    #[arg(long, value_name = "N", conflicts_with = "limit")]
    page: Option<u64>,

    /// How many integrations a page has [default: 100]
    #[arg(long, value_name = "M")]
    page_size: Option<u64>,

    /// No more than this many; only needed pages are read
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
}

/// Prints the integrations that there are.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let operation = Operation::from_json("list", None, &options.filters().to_string(), false);
    let operation = operation.map_err(|error| {
        advice::on_problems(&error, "the options", |name| flag(name).to_owned()).hint("mend it; nothing was sent")
    })?;
    let deed = Deed { source: "the options", right: "list integrations", change: None };
    let client = Account::of(global)?.client(global)?;
    run::to_end(async {
        match options.page {
            Some(number) => options.one(number, &run::send(&client, operation, &deed).await?, global),
            None => options.all(&client, operation, &deed, global).await,
        }
    })
}

impl Options {
    /// What is asked for, by the names of the wire.
    fn filters(&self) -> Value {
        // No more than needed, so that a small limit reads little.
        let page_size = self.page_size.or(self.limit.filter(|limit| *limit < 100));
        let fields = Some(&self.fields).filter(|fields| !fields.is_empty());
        json!({
            "type": self.kind, "provider_id": self.provider, "q": self.search, "q_fields": self.search_fields,
            "sort": self.sort, "fields": fields, "view": self.view, "page": self.page, "page_size": page_size,
        })
    }

    /// Prints one page, as it is.
    fn one(&self, number: u64, answer: &Response<CheckedBody>, global: &Global) -> Result<(), Failure> {
        let (total, items) = read(answer, global)?;
        let format = output::or_by_reader(global.output);
        let printed = match format {
            Format::Json | Format::Yaml => {
                output::print(Some(format), &json!({ "total": total, "items": items }), String::new)
            }
            Format::Jsonl | Format::Table => {
                let mut listing = Listing::new(format, self.header());
                let of = total.map_or_else(String::new, |total| format!(" of {total}"));
                let footer = format!("page {number}: {}{of}", counted(items.len()));
                listing.print(&items, |item| self.row(item)).and_then(|_| listing.end(&footer))
            }
        };
        printed.map_err(|error| output::failure(&error))
    }

    /// Prints page after page, as long as somebody reads on.
    async fn all(&self, client: &Client, list: Operation, deed: &Deed<'_>, global: &Global) -> Result<(), Failure> {
        let mut listing = Listing::new(output::or_by_reader(global.output), self.header());
        let limit = self.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let mut scan = client.paginator(list);
        while listing.count() < limit
            && let Some(answer) = scan.next().await
        {
            let answer = answer.map_err(|error| advice::on_call(&error, deed, client.base_url()));
            let (_, mut items) = read(&answer.map_err(|failure| cut_short(failure, listing.count()))?, global)?;
            items.truncate(limit - listing.count());
            match listing.print(&items, |item| self.row(item)) {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(error) => return Err(output::failure(&error)),
            }
        }
        let count = listing.count();
        let footer = if count == limit { format!("the first {}", counted(count)) } else { counted(count) };
        listing.end(&footer).map_err(|error| output::failure(&error))
    }

    fn header(&self) -> Vec<Cell> {
        let header = |name: &str| Cell::styled(name.replace('_', " ").to_uppercase(), HEADER);
        match self.fields.as_slice() {
            [] => ["id", "name", "type", "provider", "status"].map(header).to_vec(),
            fields => fields.iter().map(|name| header(name)).collect(),
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

/// The status, and what it comes to where that is something else.
fn status(item: &Value) -> Cell {
    let text = |name: &str| item.get(name).and_then(Value::as_str);
    match (text("status"), text("effective_status")) {
        (Some(status), Some(effective)) if status != effective => Cell::new(format!("{status} ({effective})")),
        (status, _) => Cell::new(status.unwrap_or_default()),
    }
}

/// The items of a page, secrets hidden unless they are asked for, and how many there are in all.
fn read(answer: &Response<CheckedBody>, global: &Global) -> Result<(Option<u64>, Vec<Value>), Failure> {
    #[derive(Deserialize)]
    struct Wire {
        #[serde(default)]
        total: Value,
        items: Vec<Integration>,
    }
    let page: Wire = serde_json::from_str(answer.value.as_str())
        .map_err(|error| Failure::new(Exit::Failed, format!("the page cannot be read: {error}")))?;
    let items = page.items.iter().map(|item| to_json(item, global)).collect::<Result<_, _>>()?;
    Ok((page.total.as_u64(), items))
}

fn cut_short(failure: Failure, count: usize) -> Failure {
    let told = (count > 0).then(|| format!("the list is not whole: it ends after {}", counted(count)));
    failure.note("printed", told)
}

fn counted(count: usize) -> String {
    match count {
        0 => "no integrations".to_owned(),
        1 => "1 integration".to_owned(),
        count => format!("{count} integrations"),
    }
}

/// How a filter is called on the command line.
fn flag(name: &str) -> &str {
    match name {
        "type" => "--type",
        "provider_id" => "--provider",
        "q" => "--search",
        "q_fields" => "--search-fields",
        "sort" => "--sort",
        "fields" => "--fields",
        "view" => "--view",
        "page" => "--page",
        "page_size" => "--page-size",
        other => other,
    }
}

/// A type that some provider has.
fn kind(text: &str) -> Result<String, String> {
    let mut all: Vec<_> = ocamba_hood::providers().iter().map(|provider| provider.channel).collect();
    all.sort_unstable();
    all.dedup();
    if all.contains(&text) { Ok(text.to_owned()) } else { Err(format!("expected one of {}", all.join(", "))) }
}

/// The id of a provider: digits are one, a name must be known.
fn provider_id(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    let known = || providers().iter().map(|p| format!("{} ({})", p.title, p.id)).collect::<Vec<_>>().join(", ");
    let found = ProviderInfo::find(text).map(|provider| provider.id.to_owned());
    found.ok_or_else(|| format!("expected the id of a provider, or a name: {}", known()))
}

fn after_help() -> String {
    crate::examples(&[
        ("all of them; pages are read as they are printed", "ocamba integrations list"),
        ("look for one", "ocamba integrations list --type sms --search Example"),
        ("the five newest", "ocamba integrations list --sort=-id --limit 5"),
        ("one page, and how many there are", "ocamba integrations list --page 2 --page-size 20 --output json"),
        ("for a script, each on a line", "ocamba integrations list --fields id,name --output jsonl"),
    ])
}
