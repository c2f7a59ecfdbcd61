use std::fs;

use tokio::time::sleep;

use super::*;
use crate::coordination::name_lock_file::REMOVES;
use crate::secret::Secret;

fn locks(folder: &str) -> NameLocks {
    let folder = std::env::temp_dir().join(format!("ocamba-names-{}-{folder}", std::process::id()));
    let account = Account::new("http://127.0.0.1:1", &Secret::new(folder.to_string_lossy()));
    NameLocks::new(&RateLimit::shared_in(folder), &account, &Tls::new(&Default::default()).expect("TLS"))
        .expect("locks")
}

/// Takes a lock that is free, however busy the machine is.
async fn acquired(locks: &NameLocks, name: &str, provider_id: &str) -> NameLockGuard {
    let deadline = Instant::now() + Duration::from_secs(60);
    locks.acquire(name, provider_id, deadline).await.expect("free")
}

/// Fails to take a lock that is held.
async fn assert_held(locks: &NameLocks, name: &str, provider_id: &str) {
    let deadline = Instant::now() + Duration::from_millis(20);
    assert!(locks.acquire(name, provider_id, deadline).await.is_err());
}

#[tokio::test]
async fn name_has_one_holder_at_a_time() {
    let locks = locks("one");
    let holder = acquired(&locks, "a", "1").await;
    assert_held(&locks, "a", "1").await;
    drop(acquired(&locks, "a", "2").await);
    drop(holder);
    drop(acquired(&locks, "a", "1").await);
    fs::remove_dir_all(locks.folder.expect("a folder")).expect("removed");
}

#[tokio::test]
async fn file_lock_of_another_process_is_respected_and_its_child_does_not_keep_it() {
    let locks = locks("other");
    let folder = locks.folder.clone().expect("a folder");
    let holder = acquired(&locks, "a", "1").await;
    let held = holder.parts[0].file.as_ref().expect("a file");
    let (path, child) = (held.path.clone(), held.file.try_clone().expect("a copy"));
    drop(holder);
    assert_eq!(path.exists(), !REMOVES, "no file is left of a lock");
    drop(acquired(&locks, "a", "1").await);
    drop(child);
    let other = private_folder::try_lock(&path).expect("a file").expect("free");
    assert_held(&locks, "a", "1").await;
    other.unlock().expect("unlocked");
    drop(acquired(&locks, "a", "1").await);
    fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn create_is_not_begun_while_its_doubt_cannot_be_noted() {
    let locks = locks("locked");
    let folder = locks.folder.clone().expect("a folder");
    let guard = acquired(&locks, "a", "1").await;
    let path = folder.join(format!("doubts-{}", guard.parts[0].key.account));
    // Another process was stopped while it had the file.
    let file = private_folder::try_lock(&path).expect("a file").expect("free");
    let (minute, soon) = (Duration::from_secs(60), || Instant::now() + Duration::from_millis(20));
    let begun = locks.begin_create(guard.create, Some(&guard), "a", "1", minute, soon()).await.expect_err("locked");
    assert_eq!(begun.outcome(), Outcome::NotSent);
    locks.doubt_remaining(&guard, minute, minute, soon()).await.expect_err("locked");
    let begin = locks.begin_create(guard.create, Some(&guard), "a", "1", minute, Instant::now() + minute);
    let continued = async {
        sleep(NOTE_TIMEOUT * 2).await;
        drop(file);
    };
    tokio::join!(begin, continued).0.expect("noted");
    drop(guard);
    fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn create_is_not_begun_when_the_file_was_removed_so_that_another_process_can_lock_it() {
    let locks = locks("removed");
    let folder = locks.folder.clone().expect("a folder");
    let holder = acquired(&locks, "a", "1").await;
    let begin = || async {
        let deadline = Instant::now() + Duration::from_secs(60);
        locks.begin_create(holder.create, Some(&holder), "a", "1", Duration::ZERO, deadline).await
    };
    begin().await.expect("held");
    fs::remove_dir_all(&folder).expect("removed");
    let error = begin().await.expect_err("lost");
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent));
    fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn name_is_held_for_the_whole_company_once_it_is_known() {
    let (one, mut other) = (locks("company"), locks("company of another token"));
    other.folder.clone_from(&one.folder);
    let mut holder = acquired(&one, "a", "1").await;
    drop(acquired(&other, "a", "1").await);
    one.account.note_company("7");
    other.account.note_company("7");
    let deadline = Instant::now() + Duration::from_secs(60);
    assert!(one.extend(&mut holder, "a", "1", deadline).await.expect("free"));
    assert!(!one.extend(&mut holder, "a", "1", deadline).await.expect("held"));
    assert_held(&other, "a", "1").await;
    drop(holder);
    drop(acquired(&other, "a", "1").await);
    fs::remove_dir_all(one.folder.expect("a folder")).expect("removed");
}
