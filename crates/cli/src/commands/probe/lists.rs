//! The questions that lists can answer: pages, order, search and filters.

use ocamba_hood::{providers, text_of_id};
use serde_json::Value;

use super::answers::{Answers, Found};
use super::ask::{Asker, Seen};
use crate::shared::failure::Failure;

/// A text that no integration is likely to have.
const NO_TEXT: &str = "ocamba-probe-no-such-text";
/// A parameter, and a view, that no server is likely to have.
const NO_NAME: &str = "ocamba_probe";
/// A size above most maximums.
const LARGE: usize = 1_000;

/// Reads a large page, and judges the sizes of pages and the total. Returns its integrations.
pub async fn pages(asker: &mut Asker<'_>, answers: &mut Answers) -> Result<Vec<Value>, Failure> {
    let large = async |asker: &mut Asker<'_>, number: usize, size: usize| {
        asker.list(&[("page", &format!("{number},{size}")), ("view", "full")]).await
    };
    let mut first = large(asker, 1, LARGE).await?;
    let mut size = LARGE;
    let mut refused = None;
    while first.status == 400 && size > 10 {
        refused = Some(size);
        size /= 2;
        size -= size % 10;
        first = large(asker, 1, size).await?;
    }
    let count = first.items().len();
    let second = large(asker, 2, size).await?;
    let has_more = !second.items().is_empty() && second.ids() != first.ids();
    let caps = |fits: &dyn Fn(usize) -> bool| {
        let all = ["20", "50", "100", "1000"].into_iter();
        Found::OneOf(all.filter(|it| it.parse().is_ok_and(fits)).map(str::to_owned).collect())
    };
    answers.add(
        "page_cap",
        match (refused, has_more) {
            (Some(refused), _) => caps(&|cap| (size..refused).contains(&cap)),
            (None, true) => Found::is(count),
            (None, false) => caps(&|cap| cap >= count),
        },
    );
    answers.add(
        "above_page_cap",
        match (refused, has_more) {
            (Some(_), _) => Found::is("refused"),
            (None, true) if count < LARGE => Found::is("reduced"),
            _ => Found::one_of(["reduced", "refused"]),
        },
    );
    let one = asker.list(&[("page", "1,1")]).await?;
    answers.add("total", total(&one, count, has_more));
    Ok(first.items().to_vec())
}

/// Reads a page without a size and an order, and judges both. Returns the page.
pub async fn default_page(
    asker: &mut Asker<'_>,
    sample: &[Value],
    answers: &mut Answers,
) -> Result<Vec<Value>, Failure> {
    let page = asker.list(&[]).await?;
    let size = page.items().len();
    let others = ["10", "20", "50", "100"].into_iter().filter(|it| it.parse().is_ok_and(|it: usize| it >= size));
    answers.add(
        "page_size",
        match sample.len() {
            count if size < count => Found::is(size),
            0 => Found::Nothing("there is no integration"),
            _ => Found::OneOf(others.map(str::to_owned).collect()),
        },
    );
    answers.add(
        "default_order",
        match direction(&page) {
            Some(Direction::Up) => Found::is("oldest"),
            Some(Direction::Down) => Found::is("newest"),
            Some(Direction::None) => Found::Other("another order".into()),
            None => Found::Nothing("there are no two integrations"),
        },
    );
    let (up, down) = (asker.list(&[("sort", "id")]).await?, asker.list(&[("sort", "-id")]).await?);
    answers.add(
        "sort",
        match (direction(&up), direction(&down)) {
            _ if up.status == 400 && down.status == 400 => Found::is("refused"),
            (Some(Direction::Up), Some(Direction::Down)) => Found::is("sorted"),
            (None, _) | (_, None) => Found::Nothing("there are no two integrations"),
            _ if up.ids() == down.ids() => Found::is("ignored"),
            _ => Found::Other("another order".into()),
        },
    );
    Ok(page.items().to_vec())
}

/// Searches for a name and its parts.
pub async fn search(asker: &mut Asker<'_>, sample: &[Value], answers: &mut Answers) -> Result<(), Failure> {
    let names = || sample.iter().filter_map(|it| it["name"].as_str());
    let Some((name, middle)) = names().find_map(|name| Some((name, middle(name)?))) else {
        let why = "no integration has a name of five letters";
        answers.add("search", Found::Nothing(why));
        answers.add("search_fields", Found::Nothing(why));
        return Ok(());
    };
    let mut finds = async |text: &str| -> Result<bool, Failure> {
        let seen = asker.list(&[("q", text), ("page", "1,1")]).await?;
        Ok(!seen.items().is_empty())
    };
    if finds(NO_TEXT).await? {
        answers.add("search", Found::Other("it has no effect".into()));
        answers.add("search_fields", Found::Nothing("a search has no effect"));
        return Ok(());
    }
    let beginning: String = name.chars().take(1 + middle.chars().count()).collect();
    let found = if finds(&other_case(&middle)).await? {
        Found::is("contains")
    } else if finds(&middle).await? {
        Found::is("case_sensitive")
    } else if finds(&beginning).await? {
        Found::is("prefix")
    } else if finds(name).await? {
        Found::is("exact")
    } else {
        Found::Other("it finds no part of a name, nor the whole".into())
    };
    answers.add("search", found);
    let first = &sample[0];
    let mut is_everywhere = false;
    for id in [&first["company_id"], &first["id"]].into_iter().filter_map(text_of_id) {
        is_everywhere |= !names().any(|name| name.contains(&id)) && finds(&id).await?;
    }
    answers.add("search_fields", Found::is(if is_everywhere { "all" } else { "name" }));
    Ok(())
}

/// Uses a filter, a parameter, a view and fields.
pub async fn parameters(
    asker: &mut Asker<'_>,
    sample: &[Value],
    default: Option<&Value>,
    answers: &mut Answers,
) -> Result<(), Failure> {
    let of = |id: &str| sample.iter().filter(|it| is_of(it, id)).count();
    // The one of which there are fewest.
    let rarest = providers().iter().map(|provider| provider.id).min_by_key(|id| of(id)).unwrap_or_default();
    let seen = asker.list(&[("provider_id", rarest), ("page", "1,10")]).await?;
    answers.add(
        "provider_filter",
        match seen.items() {
            _ if seen.status == 400 => Found::is("refused"),
            items if items.iter().any(|it| !is_of(it, rarest)) => Found::is("ignored"),
            _ if of(rarest) < sample.len() => Found::is("filters"),
            _ => Found::one_of(["filters", "ignored"]),
        },
    );
    let seen = asker.list(&[(NO_NAME, "1"), ("page", "1,1")]).await?;
    answers.add(
        "unknown_parameters",
        match seen.status {
            400 => Found::is("refused"),
            200 => Found::is("ignored"),
            status => Found::Other(format!("a {status}")),
        },
    );
    let seen = asker.list(&[("view", NO_NAME), ("page", "1,1")]).await?;
    let names = |it: Option<&Value>| -> Vec<String> {
        it.and_then(Value::as_object).into_iter().flat_map(|it| it.keys().cloned()).collect()
    };
    answers.add(
        "unknown_view",
        match seen.status {
            400 => Found::is("refused"),
            200 if names(seen.items().first()) == names(default) => Found::is("default"),
            200 => Found::Other("it has other fields than the default view".into()),
            status => Found::Other(format!("a {status}")),
        },
    );
    let seen = asker.list(&[("fields", "name"), ("page", "1,1")]).await?;
    answers.add(
        "fields_id",
        match seen.items().first() {
            None => Found::Nothing("there is no integration"),
            Some(it) if it["id"].is_null() => Found::is("named"),
            Some(_) => Found::is("always"),
        },
    );
    Ok(())
}

#[derive(PartialEq)]
enum Direction {
    Up,
    Down,
    None,
}

/// Returns the order of a page's ids as numbers; none where there are no two.
fn direction(page: &Seen) -> Option<Direction> {
    let ids: Vec<u64> = page.ids().iter().map(|id| id.parse().ok()).collect::<Option<_>>()?;
    if ids.len() < 2 {
        None
    } else if ids.is_sorted() {
        Some(Direction::Up)
    } else if ids.iter().rev().is_sorted() {
        Some(Direction::Down)
    } else {
        Some(Direction::None)
    }
}

/// Judges the total of a page of one, where the first page had `count` items.
fn total(one: &Seen, count: usize, has_more: bool) -> Found {
    let (total, items) = (one.body["total"].as_u64(), one.items().len() as u64);
    match total {
        None => Found::is("missing"),
        Some(total) if total == items && count <= 1 => Found::one_of(["all", "page"]),
        Some(total) if total == items => Found::is("page"),
        Some(total) if total == count as u64 || has_more && total > count as u64 => Found::is("all"),
        Some(_) => Found::Other("another number than that of the items".into()),
    }
}

fn is_of(integration: &Value, provider_id: &str) -> bool {
    text_of_id(&integration["provider_id"]).as_deref() == Some(provider_id)
}

/// Returns a name without its first and last letter, where that is long enough and has a letter of another case.
fn middle(name: &str) -> Option<String> {
    let letters: Vec<_> = name.chars().collect();
    let middle = letters.get(1..letters.len().saturating_sub(1))?;
    let is_suitable = middle.len() > 2 && middle.iter().any(char::is_ascii_alphabetic);
    is_suitable.then(|| middle.iter().collect())
}

fn other_case(text: &str) -> String {
    let swapped = |c: char| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swapped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middle_of_a_name_can_be_written_in_another_case() {
        assert_eq!(middle("Münze").as_deref(), Some("ünz"));
        for name in ["", "a", "Name", "1234a", "a1234", "a123b"] {
            assert_eq!(middle(name), None, "{name}");
        }
        let middle = middle("Example").expect("letters");
        assert_ne!(other_case(&middle), middle);
    }
}
