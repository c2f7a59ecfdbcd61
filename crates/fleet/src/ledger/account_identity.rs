//! The account of a ledger: its address, the tokens that were used, and its company once a response has named it.

use rusqlite::{OptionalExtension, Transaction};

/// What is known of an account.
pub struct AccountIdentity {
    pub base_url: String,
    /// Hash of the token, by which the core knows an account.
    pub token_key: String,
    pub company_id: Option<String>,
}

/// Binds the ledger to an account. Returns the reason if it is bound to another, or may be.
pub fn bind(transaction: &Transaction<'_>, account: &AccountIdentity) -> rusqlite::Result<Option<String>> {
    let AccountIdentity { base_url, token_key, company_id } = account;
    let mut read = transaction.prepare("SELECT value FROM account WHERE name = ?1")?;
    let mut known = |name: &str| read.query_row([name], |row| row.get::<_, String>(0)).optional();
    let token = format!("token {token_key}");
    let (its_url, its_company, has_token) = (known("base_url")?, known("company_id")?, known(&token)?.is_some());
    let other = |what: String| Ok(Some(format!("is of another account: {what}; use another ledger")));
    if let Some(its_url) = its_url.as_ref().filter(|its_url| *its_url != base_url) {
        return other(format!("its base URL is {its_url}, not {base_url}"));
    }
    match (&its_company, company_id) {
        (Some(its), Some(id)) if its != id => {
            return other(format!("it is of the company {its}, and the token is of {id}"));
        }
        (Some(_), Some(_)) => {}
        _ if its_url.is_none() || has_token => {}
        _ => {
            return Ok(Some(
                "may be of another account: it was begun with another token, and no response has shown that both tokens \
                 are of one company; apply with the token that began it, or use another ledger, which adopts existing \
                 integrations"
                    .to_owned(),
            ));
        }
    }
    let mut put = transaction.prepare("INSERT OR IGNORE INTO account (name, value) VALUES (?1, ?2)")?;
    put.execute(["base_url", base_url])?;
    put.execute([token.as_str(), ""])?;
    if let Some(company_id) = company_id {
        put.execute(["company_id", company_id])?;
    }
    Ok(None)
}
