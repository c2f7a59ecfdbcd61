//! The key by which clients of one account find each other.

use crate::secret::Secret;

/// Key of an account: a hash of base URL and token, from which neither can be read.
#[derive(Clone, Debug)]
pub struct Account(String);

impl Account {
    pub fn new(base_url: &str, token: &Secret) -> Self {
        Self(hash(&["ocamba-hood account", base_url, token.expose()]))
    }

    pub fn key(&self) -> &str {
        &self.0
    }

    /// Returns the key of a name and provider in this account.
    pub fn name_key(&self, name: &str, provider_id: &str) -> String {
        hash(&[&self.0, name, provider_id])
    }
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
