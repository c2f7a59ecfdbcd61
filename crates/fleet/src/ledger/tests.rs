use std::fs;

use super::*;
use crate::ledger::entry::{RowFailure, State};

fn key(name: &str) -> Key {
    Key { name: name.to_owned(), provider_id: "1".to_owned() }
}

fn entry(state: State, action: &str) -> Entry {
    Entry { state, action: action.to_owned(), id: None, failure: RowFailure::default() }
}

fn refused(path: &Path) -> String {
    let error = Ledger::open(path).expect_err("refused");
    assert_eq!((error.code(), error.outcome()), ("ledger", ocamba_hood::Outcome::NotSent));
    error.to_string()
}

#[tokio::test]
async fn ledger_keeps_the_last_entry_and_releases_its_lock_when_dropped() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let done = Entry { id: Some("7".to_owned()), ..entry(State::Done, "create") };
    {
        let ledger = Ledger::open(&path).expect("new");
        ledger.write(vec![(key("a"), entry(State::Intent, "create"))]).await.expect("written");
        ledger
            .write(vec![(key("a"), done.clone()), (key("b"), entry(State::Intent, "update"))])
            .await
            .expect("written");
        assert!(matches!(Ledger::open(&path), Err(Error::LedgerInUse(_))));
    }
    let ledger = Ledger::open(&path).expect("free again");
    assert_eq!(ledger.entries.len(), 2);
    assert_eq!(ledger.entries[&key("a")], done);
    assert_eq!(ledger.entries[&key("b")].state, State::Intent);
}

#[tokio::test]
async fn ledger_in_use_shows_what_was_committed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = Ledger::open(&path).expect("new");
    for count in 1..4 {
        ledger.write(vec![(key(&format!("row {count}")), entry(State::Done, "create"))]).await.expect("written");
        let status = Ledger::status(&path).expect("read");
        assert_eq!((status.is_running, status.rows.len()), (true, count));
    }
    drop(ledger);
    let status = Ledger::status(&path).expect("read");
    assert_eq!((status.is_running, status.rows.len()), (false, 3));
}

#[test]
fn file_that_is_not_a_ledger_is_refused_and_unchanged() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    fs::write(&path, "name,provider\n".repeat(100)).expect("written");
    assert!(refused(&path).contains("is not a ledger"), "{}", refused(&path));
    assert_eq!(fs::read(&path).expect("read").len(), 1_400);
    let other = folder.path().join("other");
    Connection::open(&other).expect("new").execute_batch("CREATE TABLE t (x)").expect("made");
    assert!(refused(&other).contains("is not a ledger"));
    assert!(refused(folder.path()).contains("is a folder, a device or a pipe"));
    assert!(refused(&folder.path().join("not/there")).contains("could not be created"));
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
        assert!(refused(&pipe).contains("is a folder, a device or a pipe"));
    }
}

#[test]
fn damaged_ledger_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    drop(Ledger::open(&path).expect("new"));
    let mut bytes = fs::read(&path).expect("read");
    bytes[4_096..].fill(0xAA);
    fs::write(&path, &bytes).expect("written");
    assert!(refused(&path).contains("is damaged"), "{}", refused(&path));
    bytes.truncate(5_000);
    fs::write(&path, &bytes).expect("written");
    assert!(refused(&path).contains("is damaged"), "{}", refused(&path));
    let newer = folder.path().join("newer");
    drop(Ledger::open(&newer).expect("new"));
    Connection::open(&newer).expect("there").pragma_update(None, "user_version", 99).expect("set");
    assert!(refused(&newer).contains("newer version"));
}

#[test]
fn full_disk_is_reported_and_earlier_entries_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let mut connection = database::open(&path).expect("new");
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("a number");
    connection.pragma_update(None, "max_page_count", pages + 3).expect("set");
    let changes = |number: usize| Changes {
        rows: vec![(key(&format!("{number}{}", "x".repeat(500))), entry(State::Intent, "create"))],
        account: None,
    };
    let mut kept = 0;
    let error = loop {
        match database::commit(&mut connection, [changes(kept)].iter()) {
            Ok(()) => kept += 1,
            Err(error) => break error.at("l").to_string(),
        }
    };
    assert!(error.contains("the disk is full") && kept > 0, "{error} after {kept}");
    drop(connection);
    assert_eq!(Ledger::open(&path).expect("sound").entries.len(), kept);
}
