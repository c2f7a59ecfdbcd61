//! `cargo xtask docs`: a site of the READMEs, whose samples the tests run, and of the reference of the API. Fails if a
//! section is on no page, or a link leads nowhere.

mod pages;
mod sections;

use std::fmt::Write as _;
use std::path::Path;

use pages::PAGES;
use sections::{places, sources, text};

use crate::codegen::reference;
use crate::run::{program, run_quietly};
use crate::{Result, root, tools};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Builds the site in `target/docs/site`, in a folder of this version.
pub fn build() -> Result {
    let folder = root().join("target/docs");
    let pages = folder.join("pages");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&pages)?;
    let sources = sources()?;
    let places = places(&sources)?;
    let mut navigation = String::new();
    for page in PAGES {
        writeln!(navigation, "  - {:?}: {}", page.1, page.0)?;
        std::fs::write(pages.join(page.0), text(page, &sources, &places)?)?;
    }
    tools::copy_folder(&root().join("tests/browser/pictures"), &pages.join("tests/browser/pictures"))?;
    write_reference(&pages.join("reference"))?;
    let settings = folder.join("mkdocs.yml");
    let look = root().join("xtask/docs/mkdocs.yml");
    std::fs::write(
        &settings,
        format!("INHERIT: {}\nnav:\n{navigation}  - API reference: reference/index.html\n", look.display()),
    )?;
    let site = folder.join("site");
    let python = tools::python("python-docs", "xtask/python/docs.txt")?;
    let mut build = program(python);
    build.args(["-I", "-m", "mkdocs", "build", "--strict", "--quiet", "--config-file"]).arg(&settings);
    run_quietly(build.arg("--site-dir").arg(site.join(VERSION)).env("NO_MKDOCS_2_WARNING", "1"))?;
    std::fs::write(
        site.join("versions.json"),
        format!("[{{\"version\": {VERSION:?}, \"title\": {VERSION:?}, \"aliases\": []}}]\n"),
    )?;
    std::fs::write(
        site.join("index.html"),
        format!("<!doctype html><meta http-equiv=\"refresh\" content=\"0; url={VERSION}/\">\n"),
    )?;
    println!("  {} pages: {}", PAGES.len() + 1, site.join(VERSION).join("index.html").display());
    Ok(())
}

/// The sandbox's reference of the API, without a sandbox to send requests to.
fn write_reference(folder: &Path) -> Result {
    std::fs::create_dir_all(folder)?;
    let source = root().join("crates/sandbox/src/local/reference");
    for file in ["page.html", "page.js", "page.css"] {
        let text = std::fs::read_to_string(source.join(file))?.replace("/docs/", "");
        let text = text
            .replace(" data-sandbox", "")
            .replace("<a href=\"/\">← Requests of this sandbox</a>", "<a href=\"../\">← Documentation</a>");
        std::fs::write(folder.join(if file == "page.html" { "index.html" } else { file }), text)?;
    }
    let packed = std::fs::File::open(root().join(reference::PATH))?;
    std::io::copy(&mut flate2::read::GzDecoder::new(packed), &mut std::fs::File::create(folder.join("scalar.js"))?)?;
    std::fs::copy(root().join("openapi/hood.json"), folder.join("openapi.json"))?;
    Ok(())
}
