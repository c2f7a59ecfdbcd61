//! Integrations that a sandbox starts with, and that survive it.

use std::fs;
use std::path::{Path, PathBuf};

use ocamba_sandbox::{Builder, Sandbox};
use serde_json::{Value, json};

use crate::Result;
use crate::client::{PATH, ask, control, create, examples, named, request};
use crate::list::get;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ocamba-sandbox-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn on(file: &Path) -> Builder {
    Sandbox::builder().no_limits().state(file)
}

async fn error(builder: Builder) -> String {
    builder.start().await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn integrations_survive_a_restart() -> Result {
    let folder = Folder::new("restart");
    let file = folder.0.join("state.json");
    let sandbox = on(&file).account_per_token(true).start().await?;
    let all = examples();
    for (body, _) in &all {
        assert_eq!(ask(&sandbox, create(body.to_string())).status, 201);
    }
    let id = sandbox.integrations()[1].id.clone();
    let change =
        [&format!("PATCH {PATH}/{id} HTTP/1.1"), "Authorization: Bearer any", "Content-Type: application/json"];
    assert_eq!(ask(&sandbox, request(&change, r#"{"name":"Ünïcödé\u0000","status":"inactive"}"#)).status, 204);
    let tested =
        ["POST /v1/hood/test-notification HTTP/1.1", "Authorization: Bearer any", "Content-Type: application/json"];
    assert_eq!(ask(&sandbox, request(&tested, json!({ "integration": { "id": id } }).to_string())).status, 204);
    let before = get(&sandbox, "?view=full").json();
    assert_eq!(before["total"], all.len());
    // Each response came after its writing, so even a killed sandbox loses nothing; this one is not even stopped in order.
    let copy = folder.0.join("copy.json");
    fs::copy(&file, &copy)?;
    let again = on(&copy).account_per_token(true).start().await?;
    assert_eq!(get(&again, "?view=full").json(), before);
    assert_eq!(ask(&again, create(named("next"))).status, 201);
    let ids: Vec<u64> = again.integrations().iter().map(|it| it.id.parse().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    drop(again);
    let third = on(&copy).start().await?;
    assert_eq!(third.integrations().len(), all.len() + 1);
    assert_eq!(control(&third, "POST", "reset", "").status, 204);
    drop(third);
    assert!(on(&copy).start().await?.integrations().is_empty());
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn state_is_private_and_replaced_as_a_whole() -> Result {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let folder = Folder::new("private");
    let (file, link) = (folder.0.join("state.json"), folder.0.join("link.json"));
    fs::write(&file, "")?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644))?;
    symlink(&file, &link)?;
    let sandbox = on(&link).start().await?;
    let before = fs::metadata(&file)?;
    assert_eq!(ask(&sandbox, create(named("n"))).status, 201);
    let after = fs::metadata(&file)?;
    assert_eq!(after.permissions().mode() & 0o777, 0o600);
    assert!(before.ino() == after.ino() && link.is_symlink());
    assert_eq!(control(&sandbox, "POST", "reset", "").status, 204);
    assert!(fs::metadata(&file)?.ino() != after.ino() && link.is_symlink());
    assert_eq!(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
    assert!(!folder.0.join("state.json.new").exists());
    // Somebody removes it.
    fs::remove_file(&file)?;
    assert_eq!(ask(&sandbox, create(named("n"))).status, 201);
    assert_eq!(fs::read_to_string(&file)?.lines().count(), 2);
    // A folder in which nothing can be written any more.
    fs::remove_dir_all(&folder.0)?;
    let refused = ask(&sandbox, create(named("m")));
    assert_eq!(refused.status, 500);
    assert!(refused.refused(500).starts_with("the request took effect, but the state's file lacks it: "));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn state_is_of_one_sandbox_at_a_time() -> Result {
    let folder = Folder::new("lock");
    let file = folder.0.join("state.json");
    let first = on(&file).start().await?;
    let refused = error(on(&file)).await;
    assert!(refused.contains("state.json: another sandbox uses it; stop that one"), "{refused}");
    drop(first);
    // Its connections end a moment after it.
    while let Err(refused) = on(&file).start().await {
        assert!(refused.to_string().contains("another sandbox"), "{refused}");
        tokio::task::yield_now().await;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_state_is_refused_and_kept() -> Result {
    let folder = Folder::new("damaged");
    let file = folder.0.join("state.json");
    let sandbox = on(&file).start().await?;
    assert_eq!(ask(&sandbox, create(named("canary"))).status, 201);
    let text = fs::read_to_string(&file)?;
    let (header, line) = text.trim_end().split_once('\n').unwrap();
    let right: Value = serde_json::from_str(line)?;
    let with = |field: &str, value: Value| {
        let mut wrong = right.clone();
        wrong[field] = value;
        format!("{header}\n{wrong}\n{line}\n")
    };
    let damaged = folder.0.join("damaged.json");
    for (content, says) in [
        ("[]\n".to_owned(), "its line 1 is not"),
        ("{}".to_owned(), "missing field `ocamba_sandbox`"),
        (" ".to_owned(), "EOF while parsing"),
        (header[..header.len() / 2].to_owned(), "its line 1 is not"),
        (header.replace(":1,", ":2,"), "ocamba_sandbox is 2"),
        (format!("{header}\n{}\n{line}\n", &line[..line.len() / 2]), "its line 2 is not"),
        (format!("{header}\n{line}\n\n{line}\n"), "its line 3 is not"),
        (with("id", json!("x")), "invalid type"),
        (with("provider_id", json!("999999")), "its line 2 is not of the state of a sandbox: provider_id"),
        (with("settings", json!([])), "settings must be an object"),
    ] {
        fs::write(&damaged, &content)?;
        let refused = error(on(&damaged)).await;
        assert!(refused.contains(says) && refused.contains("damaged.json: its line "), "{refused}");
        assert!(refused.contains("repair it, or name another file") && !refused.contains("canary"), "{refused}");
        assert_eq!(fs::read_to_string(&damaged)?, content);
        // A lock is left only beside what begins as a state.
        let (lock, is_state) = (folder.0.join("damaged.json.lock"), content.starts_with(&format!("{header}\n")));
        assert_eq!(lock.exists(), is_state, "{content}");
        let _ = fs::remove_file(lock);
    }
    // A sandbox that was killed while it wrote the line of a request leaves that out.
    fs::write(&damaged, format!("{header}\n{line}\n{}", &line[..line.len() / 2]))?;
    let sandbox = on(&damaged).start().await?;
    assert_eq!(sandbox.integrations().len(), 1);
    assert_eq!(ask(&sandbox, create(named("next"))).status, 201);
    drop(sandbox);
    let names: Vec<_> = fs::read_to_string(&damaged)?
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["name"].clone())
        .collect();
    assert_eq!(names, ["canary", "next"]);
    for (path, says) in [("none/state.json", "a folder that exists"), ("", "it is a folder")] {
        let refused = error(on(&folder.0.join(path))).await;
        assert!(refused.contains(says), "{refused}");
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn state_that_is_no_file_is_refused_before_it_is_opened() -> Result {
    use std::os::unix::fs::{FileTypeExt, symlink};
    let folder = Folder::new("pipe");
    let (pipe, link) = (folder.0.join("pipe"), folder.0.join("link"));
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status()?.success());
    symlink(&pipe, &link)?;
    for path in [&pipe, &link, &folder.0] {
        let refused = error(on(path)).await;
        assert!(refused.contains("it is a ") && refused.contains("; name a file"), "{refused}");
    }
    assert!(fs::metadata(&pipe)?.file_type().is_fifo() && fs::read_dir(&folder.0)?.count() == 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn seed_is_there_at_the_start_and_after_a_reset() -> Result {
    let bodies = ["one", "two"].map(|name| serde_json::from_str::<Value>(&named(name)).unwrap());
    let folder = Folder::new("seed");
    let file = folder.0.join("state.json");
    let start = || on(&file).seed(bodies.to_vec());
    let names = |sandbox: &Sandbox| sandbox.integrations().into_iter().map(|it| it.name).collect::<Vec<_>>();
    let sandbox = start().start().await?;
    assert_eq!(names(&sandbox), ["one", "two"]);
    assert!(sandbox.journal().is_empty());
    assert_eq!(crate::list::names(&get(&sandbox, "")), ["one", "two"]);
    assert_eq!(ask(&sandbox, create(named("three"))).status, 201);
    drop(sandbox);
    let sandbox = loop {
        // The first one lets go of the file a moment after its end.
        match start().start().await {
            Ok(sandbox) => break sandbox,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    // The file has its own content; the seed is for a new one.
    assert_eq!(names(&sandbox), ["one", "two", "three"]);
    sandbox.reset();
    assert_eq!(names(&sandbox), ["one", "two"]);
    assert!(!fs::read_to_string(&file)?.contains("three"));
    let mut wrong = bodies[1].clone();
    wrong["name"] = json!("");
    let refused = error(Sandbox::builder().seed(vec![bodies[0].clone(), wrong])).await;
    assert!(refused.starts_with("cannot create integration 1 of the seed: name "), "{refused}");
    Ok(())
}
