//! A small image: its root folder has a program and the libraries that it is linked with, and no certificates.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;

const TEST: &str = "image::process_without_certificates";
const CREATED: &str = "created without certificates";

/// A process creates over TLS where it finds no file; and so does one whose root folder is that of an image, by the first way
/// to change it that this machine allows.
#[tokio::test(flavor = "multi_thread")]
async fn process_in_an_image_without_certificates_creates() {
    let root = Authority::new("Root");
    let intermediate = root.intermediate("Intermediate");
    let (leaf, key) = intermediate.issue("127.0.0.1", |_| {});
    let port = serve(config(&(leaf + &intermediate.pem, key), None)).await;
    let mut processes = vec![process_without_files()];
    let image = image();
    let ways: [&[_]; 2] = [&["chroot"], &["unshare", "--map-root-user", "chroot"]];
    let within = |way: &&[&str]| {
        let mut process = Command::new(way[0]);
        process.args(&way[1..]).arg(&image).arg("/test").env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        process
    };
    let is_allowed = |way: &&&[&str]| within(way).arg("--list").output().is_ok_and(|listed| listed.status.success());
    processes.extend(ways.iter().find(is_allowed).map(within));
    for mut process in processes {
        process.args(["--exact", TEST, "--nocapture"]);
        process.env("PORT", port.to_string()).env("AUTHORITY", &root.pem);
        process.env_remove("SSL_CERT_FILE").env_remove("SSL_CERT_DIR");
        let output = tokio::task::block_in_place(|| process.output()).expect("a process");
        assert!(String::from_utf8_lossy(&output.stdout).contains(CREATED), "{output:?}");
    }
    let _ = std::fs::remove_dir_all(image);
}

/// Run by the test above, in processes of its own.
#[tokio::test]
async fn process_without_certificates() {
    let (Ok(port), Ok(authority)) = (std::env::var("PORT"), std::env::var("AUTHORITY")) else { return };
    let port = port.parse().expect("a number");
    let builder = || client(port).base_url(format!("https://127.0.0.1:{port}"));
    create(builder().root_certificates(authority)).await.expect("trusted");
    // By Mozilla's certificates: without any, TLS could not be set up.
    let message = failure(builder(), Stage::Tls, 1).await;
    contains(&message, &["\"Intermediate\"", "not trusted", "OCAMBA_ROOT_CERTIFICATES"]);
    println!("{CREATED}");
}

/// Returns this test as a process that cannot open any file.
fn process_without_files() -> Command {
    let library = support::faults::library(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let faults = library.with_extension("image");
    std::fs::write(&faults, "open 2").expect("a file");
    let mut process = Command::new(std::env::current_exe().expect("this test"));
    process.env("LD_PRELOAD", library).env("FAULTS", faults).env("FAULTS_BELOW", "/");
    process
}

/// Makes the root folder of an image, in which this test is `/test`.
fn image() -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("image");
    let _ = std::fs::remove_dir_all(&root);
    let test = std::env::current_exe().expect("this test");
    std::fs::create_dir_all(&root).and_then(|()| std::fs::hard_link(&test, root.join("test"))).expect("a link");
    let libraries = Command::new("ldd").arg(&test).output().expect("ldd is a part of the C library");
    for library in String::from_utf8_lossy(&libraries.stdout).split_whitespace().filter(|word| word.starts_with('/')) {
        let copy = root.join(&library[1..]);
        std::fs::create_dir_all(copy.parent().expect("a folder")).expect("a folder");
        std::fs::copy(library, copy).expect("a library");
    }
    root
}
