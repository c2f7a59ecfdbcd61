//! The sections of READMEs, and links between them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::pages::{PAGES, Page, Sections};
use crate::{Result, root};

const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// A file of sections: `##` headings and what follows them.
pub struct Source {
    title: String,
    sections: Vec<(String, String)>,
}

/// The pages and ids of sections, by file and the anchor that the file has for them.
pub type Places = BTreeMap<(&'static str, String), String>;

impl Sections {
    /// The chosen sections of the file.
    fn of<'a>(&self, sources: &'a BTreeMap<&str, Source>) -> Result<Vec<&'a (String, String)>> {
        let all = &sources[self.0].sections;
        if self.1 == ["*"] {
            return Ok(all.iter().collect());
        }
        let find = |heading: &&str| {
            let found = all.iter().find(|(name, _)| name == heading);
            found.ok_or_else(|| format!("{} has no section {heading:?}", self.0).into())
        };
        self.1.iter().map(find).collect()
    }

    /// The language of the file; empty if it is of all.
    fn language(&self) -> &'static str {
        let names = [("bindings/python", "Python"), ("bindings/node", "Node"), ("crates", "Rust")];
        names.iter().find(|(folder, _)| self.0.starts_with(folder)).map_or("", |(_, name)| name)
    }

    /// The id of a section on its page.
    fn id(&self, heading: &str) -> String {
        anchor(&format!("{} {heading}", self.0.trim_end_matches("README.md")))
    }
}

pub fn sources() -> Result<BTreeMap<&'static str, Source>> {
    let mut sources = BTreeMap::new();
    for Sections(file, _) in PAGES.iter().flat_map(|page| page.2) {
        let text = std::fs::read_to_string(root().join(file)).map_err(|e| format!("{file}: {e}"))?;
        let mut source = Source { title: String::new(), sections: vec![(String::new(), String::new())] };
        let (mut in_code, mut in_rust) = (false, false);
        for line in text.lines() {
            if let Some(info) = line.strip_prefix("```") {
                in_code = !in_code;
                in_rust = in_code && info.starts_with("rust");
            }
            match line.split_once(' ') {
                Some(("#", title)) if !in_code => source.title = title.to_owned(),
                Some(("##", heading)) if !in_code => source.sections.push((heading.to_owned(), String::new())),
                // Lines that only the tests need.
                _ if in_rust && (line == "#" || line.starts_with("# ")) => {}
                _ => {
                    let body = source.sections.last_mut().map(|(_, body)| body).ok_or("no section")?;
                    writeln!(body, "{}", if in_rust && line.starts_with("```") { "```rust" } else { line })?;
                }
            }
        }
        sources.insert(*file, source);
    }
    Ok(sources)
}

/// Finds the place of each section. Fails if one has none, but for those that only developers read.
pub fn places(sources: &BTreeMap<&'static str, Source>) -> Result<Places> {
    let mut places = Places::new();
    for page in PAGES {
        for part in page.2 {
            for (heading, _) in part.of(sources)? {
                places.insert((part.0, anchor(heading)), format!("{}#{}", page.0, part.id(heading)));
            }
        }
    }
    for (file, source) in sources.iter().filter(|(file, _)| **file != "ARCHITECTURE.md") {
        let lost = source
            .sections
            .iter()
            .find(|(name, body)| !body.trim().is_empty() && !places.contains_key(&(*file, anchor(name))));
        if let Some((name, _)) = lost {
            return Err(format!("section {name:?} of {file} is on no page of xtask/src/docs/pages.rs").into());
        }
    }
    Ok(places)
}

/// The text of a page.
pub fn text(page: &Page, sources: &BTreeMap<&'static str, Source>, places: &Places) -> Result<String> {
    let mut text = format!("# {}\n", page.1);
    let is_mixed = page.2.iter().any(|part| part.0 != page.2[0].0);
    for part in page.2 {
        for (heading, body) in part.of(sources)? {
            let language = part.language();
            let shown = if heading.is_empty() { &sources[part.0].title } else { heading };
            let shown = if is_mixed && !language.is_empty() { format!("{shown} ({language})") } else { shown.clone() };
            // The page's title says what its first lines are about.
            let is_first = text.lines().count() == 1 && heading.is_empty();
            let title = if is_first { String::new() } else { format!("## {shown}") };
            writeln!(text, "\n{title} <a id=\"{}\"></a>\n", part.id(heading))?;
            text += &linked(body, part.0, places)?;
        }
    }
    Ok(text)
}

/// A section with links that lead to the pages of this site, or else to the repository.
fn linked(body: &str, file: &str, places: &Places) -> Result<String> {
    let mut text = String::new();
    for (number, part) in body.split("```").enumerate() {
        if number % 2 == 1 {
            write!(text, "```{part}```")?;
            continue;
        }
        let mut rest = part;
        while let Some((before, after)) = rest.split_once("](") {
            let (target, after) = after.split_once(')').ok_or("a link has no end")?;
            write!(text, "{before}]({})", address(target, file, places)?)?;
            rest = after;
        }
        text += rest;
    }
    // Names that only rustdoc can link.
    Ok(text.replace("[`", "`").replace("`]", "`"))
}

fn address(target: &str, file: &str, places: &Places) -> Result<String> {
    if target.starts_with("https://") {
        return Ok(target.to_owned());
    }
    let (path, id) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let path = if path.is_empty() { PathBuf::from(file) } else { folder.join(path) };
    // The folder of a package is its README.
    let readme = path.join("README.md");
    let path = if PAGES.iter().flat_map(|page| page.2).any(|part| Path::new(part.0) == readme) { readme } else { path };
    let path = path.to_string_lossy();
    let place = places.iter().find(|((file, anchor), _)| *file == path && anchor == id);
    match place {
        Some((_, place)) => Ok(place.clone()),
        None if path.starts_with("tests/browser/pictures") => Ok(path.into_owned()),
        None if id.is_empty() && root().join(&*path).exists() => Ok(format!("{REPOSITORY}{path}")),
        None => Err(format!("{file}: the link {target} leads nowhere").into()),
    }
}

/// The anchor of a heading: lower case, hyphens for spaces, and no other punctuation.
fn anchor(heading: &str) -> String {
    let spaced = heading.to_lowercase().replace(['/', ' '], "-");
    spaced.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_section_is_on_a_page_and_each_link_leads_somewhere() {
        let sources = sources().expect("the READMEs");
        let places = places(&sources).expect("places of all sections");
        for page in PAGES {
            text(page, &sources, &places).expect("a page whose links lead somewhere");
        }
    }

    #[test]
    fn link_leads_to_the_page_of_its_section_or_to_the_repository() {
        let sources = sources().expect("the READMEs");
        let places = places(&sources).expect("places of all sections");
        let address = |target, file| address(target, file, &places).map_err(|e| e.to_string());
        assert_eq!(address("#errors", "bindings/node/README.md").as_deref(), Ok("outcomes.md#bindings-node--errors"));
        assert_eq!(address("xtask", "README.md"), Ok(format!("{REPOSITORY}xtask")));
        assert!(address("#nowhere", "README.md").is_err());
        assert!(address("nowhere.md", "README.md").is_err());
    }
}
