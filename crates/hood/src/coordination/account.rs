//! The account of a client, by which the clients that share it find each other.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use reqwest::Url;

use super::process_wide::ProcessWide;
use crate::secret::Secret;

/// Number of files for all names of an account, where they have none of their own.
const FILES: u8 = 64;

/// Account of a client: known by its token, and by the id of its company once a response has named it.
///
/// Keys are hashes from which neither address nor token can be read.
#[derive(Clone, Debug)]
pub struct Account(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    origin: String,
    by_token: String,
    by_company: OnceLock<String>,
}

impl Account {
    pub fn new(base_url: &str, token: &Secret) -> Self {
        let origin = origin(base_url);
        let by_token = hash(&["ocamba-hood account", &origin, token.expose()]);
        let account = Self(Arc::new(Inner { origin, by_token, by_company: OnceLock::new() }));
        if let Some(key) = with_companies(|companies| companies.get(account.key()).cloned()) {
            account.0.by_company.get_or_init(|| key);
        }
        account
    }

    /// Returns the key of the account by its token.
    pub fn key(&self) -> &str {
        &self.0.by_token
    }

    /// Notes the id of the company that a response has named.
    pub fn note_company(&self, id: &str) {
        if self.0.by_company.get().is_none() {
            let key = hash(&["ocamba-hood company", &self.0.origin, id]);
            with_companies(|companies| companies.insert(self.key().to_owned(), key.clone()));
            self.0.by_company.get_or_init(|| key);
        }
    }

    /// Returns true once the company is known.
    pub fn has_company(&self) -> bool {
        self.0.by_company.get().is_some()
    }

    /// Returns the keys of a name and provider: by the token, and by the company if it is known. All clients use this order.
    pub fn name_keys(&self, name: &str, provider_id: &str) -> Vec<NameKey> {
        let accounts = [&self.0.by_token].into_iter().chain(self.0.by_company.get());
        let key = |account: &String| NameKey { account: account.clone(), name: hash(&[account, name, provider_id]) };
        accounts.map(key).collect()
    }
}

/// Key of a name and provider in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameKey {
    pub account: String,
    pub name: String,
}

impl NameKey {
    /// Returns the number of the file for the name, among those of the account.
    pub fn file_number(&self) -> u8 {
        self.name.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % FILES
    }
}

/// Works with the keys of companies by the keys of tokens, which all clients of the process know.
fn with_companies<T>(work: impl FnOnce(&mut HashMap<String, String>) -> T) -> T {
    static COMPANIES: ProcessWide<HashMap<String, String>> = ProcessWide::new();
    COMPANIES.with(work)
}

/// Returns an address without the differences of spelling: this machine has several names, and a host may end with a dot.
fn origin(base_url: &str) -> String {
    let Ok(url) = Url::parse(base_url) else { return base_url.to_owned() };
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let host = if host == "[::1]" || host.starts_with("127.") { "localhost" } else { host };
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}://{host}:{port}{}", url.scheme(), url.path().trim_end_matches('/'))
}

/// Hashes texts together with their lengths, so that no two lists of texts are alike.
fn hash(parts: &[&str]) -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part.as_bytes());
    }
    context.finish().as_ref()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(base_url: &str, token: &str) -> Account {
        Account::new(base_url, &Secret::new(token))
    }

    #[test]
    fn spelling_of_the_address_does_not_matter() {
        let pairs = [
            ("https://api.example.com/v1", "HTTPS://API.Example.com.:443/v1/"),
            ("http://127.0.0.1:4010", "http://localhost:4010/"),
            ("http://[::1]:4010", "http://127.0.0.2:4010"),
        ];
        for (one, other) in pairs {
            assert_eq!(account(one, "t").key(), account(other, "t").key(), "{one}");
        }
        assert_ne!(account("http://127.0.0.1:4010", "t").key(), account("http://127.0.0.1:4011", "t").key());
        assert_ne!(account("https://api.example.com", "t").key(), account("https://api.example.com", "u").key());
    }

    #[test]
    fn tokens_of_one_company_share_its_names() {
        let (one, other) = (account("http://127.0.0.1:2", "one"), account("http://127.0.0.1:2", "other"));
        let company = |account: &Account, provider_id| account.name_keys("a", provider_id).pop();
        assert_ne!(company(&one, "1"), company(&other, "1"));
        one.note_company("7");
        other.note_company("7");
        assert_eq!(company(&one, "1"), company(&other, "1"));
        assert_ne!(company(&one, "1"), company(&one, "2"));
        // A client that is made later knows the company from the beginning.
        assert_eq!(account("http://127.0.0.1:2", "one").name_keys("a", "1"), one.name_keys("a", "1"));
    }
}
