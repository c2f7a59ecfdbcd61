//! The filters, the order and the page of a list.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::account::integration::Integration;
use crate::contract::error_response::ErrorResponse;
use crate::contract::parameters::Values;
use crate::contract::unknowns::{
    AbovePageCap, Assumptions, DefaultOrder, ListLag, ProviderFilter, Search, SearchFields, Sort,
};

/// Time after which a list that lags behind shows an integration.
pub const LIST_LAG: Duration = Duration::from_secs(2);

/// The query of a list, except page and fields.
pub struct Listing<'a> {
    assumed: &'a Assumptions,
    kind: Option<&'a str>,
    provider_id: Option<&'a str>,
    text: Option<&'a str>,
    text_in: Vec<String>,
    /// The most important field first.
    order: Vec<String>,
}

impl<'a> Listing<'a> {
    /// Reads the checked query.
    pub fn of(query: &'a Values, assumed: &'a Assumptions) -> Result<Self, ErrorResponse> {
        if assumed.sort == Sort::Refused && query.get("sort").is_some() {
            return Err(ErrorResponse::bad_request("sort is not supported"));
        }
        let searched = match assumed.search_fields {
            SearchFields::Name => &["name"][..],
            SearchFields::All => &Integration::FIELDS,
        };
        Ok(Self {
            assumed,
            kind: query.get("type"),
            provider_id: query.get("provider_id").filter(|_| assumed.provider_filter == ProviderFilter::Filters),
            text: query.get("q"),
            text_in: query.list("q_fields").unwrap_or_else(|| searched.iter().map(|it| (*it).to_owned()).collect()),
            order: query.list("sort").filter(|_| assumed.sort == Sort::Sorted).unwrap_or_default(),
        })
    }

    /// Filters and sorts. `all` must be sorted by id, which is also the order of equal integrations.
    pub fn select(&self, mut all: Vec<Arc<Integration>>) -> Vec<Arc<Integration>> {
        all.retain(|it| self.has(it));
        if !self.order.is_empty() {
            all.sort_by(|a, b| self.compare(a, b));
        } else if self.assumed.default_order == DefaultOrder::Newest {
            all.reverse();
        }
        all
    }

    fn has(&self, it: &Integration) -> bool {
        let has_text = |text: &str| {
            let mut values = self.text_in.iter().filter_map(|field| it.field(field));
            values.any(|value| matches(self.assumed.search, &value.text(), text))
        };
        let is_listed = |it: &Integration| it.create_time + LIST_LAG <= SystemTime::now();
        (self.assumed.list_lag == ListLag::None || is_listed(it))
            && self.kind.is_none_or(|kind| it.kind == kind)
            && self.provider_id.is_none_or(|id| it.provider_id == id)
            && self.text.is_none_or(has_text)
    }

    fn compare(&self, a: &Integration, b: &Integration) -> Ordering {
        let by = |field: &String| match field.strip_prefix('-') {
            Some(field) => b.field(field).cmp(&a.field(field)),
            None => a.field(field).cmp(&b.field(field)),
        };
        self.order.iter().map(by).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// Returns whether a search for a text finds a value.
fn matches(search: Search, value: &str, text: &str) -> bool {
    match search {
        Search::Contains => value.to_lowercase().contains(&text.to_lowercase()),
        Search::CaseSensitive => value.contains(text),
        Search::Prefix => value.to_lowercase().starts_with(&text.to_lowercase()),
        Search::Exact => value.to_lowercase() == text.to_lowercase(),
    }
}

/// `page=N` or `page=N,M`: the Nth page of M items.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// Starts at 1.
    number: usize,
    size: usize,
}

impl Page {
    /// Reads the checked parameter. Missing numbers have defaults.
    pub fn of(query: &Values, assumed: &Assumptions) -> Result<Self, ErrorResponse> {
        let cap = usize::from(assumed.page_cap.0);
        let mut numbers = query.list("page").into_iter().flatten().map(|text| text.parse().ok());
        let mut next = || numbers.next().flatten();
        let (number, size) = (next(), next());
        if size.is_some_and(|size| size > cap) && assumed.above_page_cap == AbovePageCap::Refused {
            return Err(ErrorResponse::bad_request(format!("page must have a size of at most {cap}")));
        }
        let size = size.unwrap_or(usize::from(assumed.page_size.0)).min(cap);
        Ok(Self { number: number.unwrap_or(1), size })
    }

    /// Returns the items of the page. After the end there are none.
    pub fn cut<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let start = (self.number.saturating_sub(1)).saturating_mul(self.size).min(all.len());
        let end = start.saturating_add(self.size).min(all.len());
        &all[start..end]
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    fn ids(query: &[(&'static str, &'static str)], all: Vec<Integration>) -> String {
        let query = query.iter().copied().collect();
        let assumed = Assumptions::default();
        let found = Listing::of(&query, &assumed).unwrap().select(all.into_iter().map(Arc::new).collect());
        found.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Ids start at 8, so that their order as texts differs.
    fn named(names: &[&str]) -> Vec<Integration> {
        (8..).zip(names).map(|(id, name)| Integration::example(id, name)).collect()
    }

    #[test]
    fn list_has_all_by_id_when_there_is_no_query() {
        assert_eq!(ids(&[], named(&["c", "b", "a"])), "8 9 10");
    }

    #[test]
    fn ids_are_sorted_as_numbers_and_names_as_texts() {
        let all = || named(&["b", "a", "b", "10", "9"]);
        assert_eq!(ids(&[("sort", "id")], all()), "8 9 10 11 12");
        assert_eq!(ids(&[("sort", "-id")], all()), "12 11 10 9 8");
        assert_eq!(ids(&[("sort", "name")], all()), "11 12 9 8 10");
        assert_eq!(ids(&[("sort", "name,-id")], all()), "11 12 9 10 8");
        assert_eq!(ids(&[("sort", "-name")], all()), "8 10 9 12 11");
        assert_eq!(ids(&[("sort", "-status,-name,-id")], all()), "10 8 9 12 11");
    }

    #[test]
    fn times_are_sorted_more_precisely_than_shown() {
        let at = |ms: u64| SystemTime::UNIX_EPOCH + Duration::from_millis(ms);
        let mut all = named(&["a", "b", "c"]);
        for (it, ms) in all.iter_mut().zip([3, 1, 2]) {
            it.create_time = at(ms);
        }
        assert_eq!(ids(&[("sort", "create_time")], all.clone()), "9 10 8");
        assert_eq!(ids(&[("sort", "-create_time")], all), "8 10 9");
    }

    #[test]
    fn filters_must_all_match() {
        let mut all = named(&["a", "b", "c"]);
        (all[0].kind, all[2].kind) = ("pigeon".into(), "pigeon".into());
        all[2].provider_id = "two".into();
        for (query, expected) in [
            (&[("type", "pigeon")][..], "8 10"),
            (&[("type", "Pigeon")], ""),
            (&[("provider_id", "one")], "8 9"),
            (&[("type", "pigeon"), ("provider_id", "one")], "8"),
            (&[("type", "pigeon"), ("provider_id", "one"), ("q", "c")], ""),
        ] {
            assert_eq!(ids(query, all.clone()), expected, "{query:?}");
        }
    }

    #[test]
    fn text_is_found_in_any_case_in_the_named_fields() {
        let all = || named(&["Über Kunden", "UNTER", "x%y"]);
        for (query, expected) in [
            (&[("q", "über")][..], "8"),
            (&[("q", "un")], "8 9"),
            (&[("q", "%")], "10"),
            (&[("q", "active")], ""),
            (&[("q", "active"), ("q_fields", "status")], "8 9 10"),
            (&[("q", "1"), ("q_fields", "name,id")], "10"),
            (&[("q", "1970-01"), ("q_fields", "create_time")], "8 9 10"),
            (&[("q_fields", "status")], "8 9 10"),
        ] {
            assert_eq!(ids(query, all()), expected, "{query:?}");
        }
    }

    fn page(text: &str) -> Page {
        Page::of(&[("page", text)].into_iter().collect(), &Assumptions::default()).unwrap()
    }

    #[test]
    fn page_has_a_number_and_a_size() {
        let usual = Page::of(&Values::default(), &Assumptions::default());
        assert_eq!(usual.unwrap(), Page { number: 1, size: 20 });
        for (text, number, size) in [("3", 3, 20), ("3,7", 3, 7), ("1,100", 1, 100), ("2,101", 2, 100)] {
            assert_eq!(page(text), Page { number, size }, "{text}");
        }
    }

    #[test]
    fn pages_follow_each_other_until_the_end() {
        let all: Vec<_> = (0..25).collect();
        assert_eq!(page("1,10").cut(&all), &all[..10]);
        assert_eq!(page("3,10").cut(&all), &all[20..]);
        for past in ["4,10", "999999999,100", "26,1"] {
            assert!(page(past).cut(&all).is_empty(), "{past}");
        }
        assert!(page("1").cut::<u8>(&[]).is_empty());
    }
}
