//! The page of a list.

use crate::contract::parameters::Values;

/// `page=N` or `page=N,M`: the Nth page of M items.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// Starts at 1.
    number: usize,
    size: usize,
}

impl Page {
    const USUAL_SIZE: usize = 20;
    /// Larger sizes are reduced to this one.
    const LARGEST_SIZE: usize = 100;

    /// Reads the checked parameter. Missing numbers have defaults.
    pub fn of(query: &Values) -> Self {
        let mut numbers = query.list("page").into_iter().flatten().map(|text| text.parse().ok());
        let mut next = || numbers.next().flatten();
        let (number, size) = (next(), next());
        Self { number: number.unwrap_or(1), size: size.unwrap_or(Self::USUAL_SIZE).min(Self::LARGEST_SIZE) }
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

    fn page(text: &str) -> Page {
        Page::of(&[("page", text)].into_iter().collect())
    }

    #[test]
    fn page_has_a_number_and_a_size() {
        assert_eq!(Page::of(&Values::default()), Page { number: 1, size: 20 });
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
