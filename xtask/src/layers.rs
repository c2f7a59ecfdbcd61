//! Checks that the imports of a crate run from its higher layers to its lower ones, and never in a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::{Result, root, tools};

/// The layers of each crate, from the highest to the lowest: folders and files of its `src`. `lib.rs` is the highest.
const CRATES: [(&str, &[&str]); 4] = [
    (
        "hood",
        &[
            "fuzzing",
            "client",
            "operations",
            "transport",
            "coordination",
            "network",
            "model",
            "env",
            "error",
            "secret",
            "clock",
            "printable",
            "simulation",
        ],
    ),
    ("fleet", &["export", "apply", "plan", "ledger", "input", "error", "key", "private_file"]),
    ("cli", &["main", "commands", "shared", "parts"]),
    ("sandbox", &["sandbox", "builder", "local", "server", "faults", "account", "contract"]),
];

/// Keywords that a definition's name follows.
const DEFINITIONS: [&str; 8] = ["const", "enum", "fn", "macro_rules", "static", "struct", "trait", "type"];

/// Checks all crates, and names every import that is not allowed.
pub fn test() -> Result {
    let mut problems = Vec::new();
    for (name, layers) in CRATES {
        let folder = format!("crates/{name}/src");
        let mut files = Vec::new();
        for path in tools::walk(&root().join(&folder))?.iter().filter(|path| path.extension() == Some("rs".as_ref())) {
            let relative = path.strip_prefix(root().join(&folder))?.to_string_lossy().into_owned();
            files.push((relative, std::fs::read_to_string(path)?));
        }
        let found = check(&format!("ocamba_{name}"), layers, &files)?;
        problems.extend(found.into_iter().map(|problem| format!("{folder}/{problem}")));
    }
    if problems.is_empty() {
        return Ok(());
    }
    problems.iter().for_each(|problem| println!("  {problem}"));
    Err(format!("{} imports do not fit the layers, which xtask/src/layers.rs lists", problems.len()).into())
}

/// Returns the problems with the imports of a crate's files: `path:line: problem; fix`.
fn check(library: &str, layers: &[&str], files: &[(String, String)]) -> Result<Vec<String>> {
    let modules: BTreeSet<_> = files.iter().map(|(path, _)| module_of(path)).collect();
    let parsed = files.iter().map(|(path, text)| Source::parse(path, text, library, &modules));
    let sources = Sources(parsed.collect::<Result<Vec<_>>>()?);
    let mut problems = Vec::new();
    let found: BTreeSet<_> = sources.0.iter().filter_map(Source::layer).collect();
    for layer in found.iter().filter(|layer| !layers.contains(layer)) {
        problems.push(format!("{layer}: no layer has this name; move it, or add a row to xtask/src/layers.rs"));
    }
    for layer in layers.iter().filter(|layer| !found.contains(*layer)) {
        problems.push(format!("{layer}: not found; remove the row from xtask/src/layers.rs"));
    }
    let height = |source: &Source| source.layer().and_then(|layer| layers.iter().position(|name| *name == layer));
    let mut edges: Edges = BTreeMap::new();
    for (from, source) in sources.0.iter().enumerate().filter(|(_, source)| !source.module.is_empty()) {
        for import in &source.imports {
            let Import { line, path, .. } = import;
            let (at, shown) = (format!("{}:{line}", source.path), path.join("::"));
            if sources.is_reexport_of_lib(import) {
                let advice = "name the module that defines it, as in `crate::layer::Name`";
                problems.push(format!("{at}: `crate::{shown}` goes through lib.rs; {advice}"));
            }
            let Some(to) = sources.resolve(path, 0) else { continue };
            let target = &sources.0[to];
            if let (Some(own), Some(other)) = (height(source), height(target))
                && own > other
            {
                let (own, other) = (layers[own], layers[other]);
                let advice = "move what both need to a lower layer, or pass it in as an argument";
                problems
                    .push(format!("{at}: `{own}` imports `crate::{shown}` from the higher layer `{other}`; {advice}"));
            }
            let is_reexport = import.name.is_some() && target.module.starts_with(&source.module);
            if to != from && !is_reexport && !target.module.is_empty() {
                edges.entry(from).or_default().entry(to).or_insert(*line);
            }
        }
    }
    while let Some(circle) = circle(&edges) {
        let next = |index: usize| circle[(index + 1) % circle.len()];
        let steps = circle.iter().enumerate().map(|(index, file)| {
            format!("{}:{} imports {}", sources.0[*file].path, edges[file][&next(index)], sources.0[next(index)].path)
        });
        let steps = steps.collect::<Vec<_>>().join(", ");
        problems.push(format!("{steps}: a circle; move what they share to a file that imports none of them"));
        edges.get_mut(&circle[0]).map(|targets| targets.remove(&next(0)));
    }
    Ok(problems)
}

/// Which file imports which, and in which line.
type Edges = BTreeMap<usize, BTreeMap<usize, usize>>;

/// The shortest circle through the first file that is in one.
fn circle(edges: &Edges) -> Option<Vec<usize>> {
    edges.keys().find_map(|start| {
        let mut ways = VecDeque::from([vec![*start]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            for next in edges.get(way.last()?).into_iter().flat_map(BTreeMap::keys) {
                if next == start {
                    return Some(way);
                }
                if seen.insert(*next) {
                    ways.push_back(way.iter().chain([next]).copied().collect());
                }
            }
        }
        None
    })
}

struct Sources(Vec<Source>);

impl Sources {
    /// The file that defines a path: followed through `pub use`, also by `*`.
    fn resolve(&self, path: &[String], followed: usize) -> Option<usize> {
        let index = (0..self.0.len()).filter(|i| path.starts_with(&self.0[*i].module));
        let index = index.max_by_key(|i| self.0[*i].module.len())?;
        let source = &self.0[index];
        let rest = &path[source.module.len()..];
        let Some(name) = rest.first().filter(|_| followed < 9) else { return Some(index) };
        let reexported = source.imports.iter().find_map(|import| {
            let is_all = import.name.as_deref() == Some("*");
            let defines = || self.resolve(&import.path, followed + 1).is_some_and(|i| self.0[i].names.contains(name));
            match import.name.as_ref()? {
                own if own == name => Some([&import.path, &rest[1..]].concat()),
                _ if is_all && defines() => Some([&import.path, rest].concat()),
                _ => None,
            }
        });
        reexported.and_then(|path| self.resolve(&path, followed + 1)).or(Some(index))
    }

    /// Whether a path names an item of `lib.rs`, which only re-exports.
    fn is_reexport_of_lib(&self, import: &Import) -> bool {
        let is_module = |first: &String| self.0.iter().any(|source| source.module.first() == Some(first));
        import.path.first().is_none_or(|first| !is_module(first))
    }
}

/// A file of the crate.
struct Source {
    path: String,
    module: Vec<String>,
    imports: Vec<Import>,
    /// The items that it defines or re-exports.
    names: BTreeSet<String>,
}

struct Import {
    line: usize,
    /// From the root of the crate.
    path: Vec<String>,
    /// The name of a re-export.
    name: Option<String>,
}

impl Source {
    fn parse(path: &str, text: &str, library: &str, modules: &BTreeSet<Vec<String>>) -> Result<Self> {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        let words: Vec<_> = words.collect();
        let definitions = words.windows(2).filter(|pair| DEFINITIONS.contains(&pair[0]));
        let names = definitions.map(|pair| pair[1].to_owned()).collect();
        let source = Self { path: path.to_owned(), module: module_of(path), imports: Vec::new(), names };
        let file = syn::parse_file(text).map_err(|error| format!("{path}: {error}"))?;
        // Generated code names the crate as its users do.
        let library = if text.lines().next().is_some_and(|line| line.contains("@generated")) { "" } else { library };
        let mut reader = Reader { module: source.module.clone(), source, library, modules };
        reader.visit_file(&file);
        Ok(reader.source)
    }

    fn layer(&self) -> Option<&str> {
        self.module.first().map(String::as_str)
    }
}

/// `a/b/mod.rs` and `a/b.rs` are the module `a::b`; `lib.rs` is the crate's own.
fn module_of(path: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').filter(|name| *name != "lib").map(str::to_owned).collect()
}

/// Collects the imports of a file.
struct Reader<'a> {
    source: Source,
    /// The current module, which may be inline.
    module: Vec<String>,
    library: &'a str,
    modules: &'a BTreeSet<Vec<String>>,
}

impl Reader<'_> {
    /// The path from the root of the crate, or none to another crate.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let own = |first: &String| [self.module.as_slice(), std::slice::from_ref(first)].concat();
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([&self.module, rest].concat()),
            "super" => {
                let supers = path.iter().take_while(|name| *name == "super").count();
                let kept = self.module.len().checked_sub(supers)?;
                Some([&self.module[..kept], &path[supers..]].concat())
            }
            library if library == self.library => Some(rest.to_vec()),
            _ if self.modules.contains(&own(first)) => Some([own(first).as_slice(), rest].concat()),
            _ => None,
        }
    }

    fn import(&mut self, path: &[String], line: usize, name: Option<String>) {
        if let Some(path) = self.absolute(path) {
            self.source.imports.push(Import { line, path, name });
        }
    }

    fn use_tree(&mut self, tree: &syn::UseTree, path: &[String], is_public: bool) {
        let with = |name: &syn::Ident| [path, &[name.to_string()]].concat();
        let (path, name) = match tree {
            syn::UseTree::Path(inner) => return self.use_tree(&inner.tree, &with(&inner.ident), is_public),
            syn::UseTree::Group(group) => {
                return group.items.iter().for_each(|item| self.use_tree(item, path, is_public));
            }
            // `{self}` is the path itself.
            syn::UseTree::Name(name) if name.ident == "self" => (path.to_vec(), path.last().cloned()),
            syn::UseTree::Name(name) => (with(&name.ident), Some(name.ident.to_string())),
            syn::UseTree::Rename(name) => (with(&name.ident), Some(name.rename.to_string())),
            syn::UseTree::Glob(_) => (path.to_vec(), Some("*".to_owned())),
        };
        let name = name.filter(|_| is_public);
        self.source.names.extend(name.clone());
        self.import(&path, tree.span().start().line, name);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        if item.leading_colon.is_none() {
            self.use_tree(&item.tree, &[], is_public);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if path.leading_colon.is_none() && names.len() > 1 {
            self.import(&names, path.span().start().line, None);
        }
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_some() {
            self.module.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    const LAYERS: [&str; 2] = ["transport", "model"];

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let lib = ("lib.rs", "mod model; mod transport; pub use model::Page;");
        let files: Vec<_> = files.iter().chain([&lib]).map(|(path, text)| ((*path).into(), (*text).into())).collect();
        check("ocamba_hood", &LAYERS, &files).expect("the sources are Rust")
    }

    #[test]
    fn downward_imports_are_accepted() {
        let transport =
            "use crate::model::{Page, open_enum::{Open, open_enum}};\nopen_enum!(A);\npub(crate) fn send() {}";
        let model = "mod page; mod open_enum;\npub use page::Page;\npub use open_enum::*;";
        let open = "use super::page::Page;\n#[cfg(test)]\nmod tests { use super::*; use crate::model::page; }";
        let files = [("transport.rs", transport), ("model/mod.rs", model), ("model/page.rs", "pub struct Page;")];
        assert_eq!(problems(&[&files[..], &[("model/open_enum.rs", open)]].concat()), [""; 0]);
    }

    #[test]
    fn upward_import_is_reported_with_its_line() {
        let groups = "use std::fmt;\nuse crate::{transport::{self, Retry}};";
        let inline = "fn size() -> usize { crate::transport::SIZE }";
        for (model, line) in [(groups, 2), (inline, 1), ("mod inner { use super::super::transport::*; }", 1)] {
            let found = problems(&[("model.rs", model), ("transport.rs", "")]);
            assert!(found[0].starts_with(&format!("model.rs:{line}: `model` imports `crate::transport")), "{found:?}");
            assert!(found[0].contains("from the higher layer `transport`; move"), "{found:?}");
        }
    }

    #[test]
    fn circle_of_files_is_reported_when_names_are_reexported() {
        let model = "mod page; mod list; pub use page::*; pub(crate) use list::List;";
        let page = "use crate::model::List;\npub struct Page(List);";
        let files = [("model/mod.rs", model), ("model/page.rs", page), ("transport.rs", "")];
        let with = |list| problems(&[&files[..], &[("model/list.rs", list)]].concat());
        let found = with("\nuse super::Page;\npub struct List(Page);");
        let circle = "model/page.rs:1 imports model/list.rs, model/list.rs:2 imports model/page.rs: a circle; move";
        assert!(found.len() == 1 && found[0].starts_with(circle), "{found:?}");
        assert_eq!(with("pub struct List;"), [""; 0]);
    }

    #[test]
    fn import_through_lib_is_reported_in_tests_too() {
        let tests = "#[cfg(test)]\nmod tests {\n    use crate::Page;\n}";
        for (model, line) in
            [("use crate::Page;", 1), (tests, 3), ("use super::{Page as Other};", 1), ("use crate::*;", 1)]
        {
            let found = problems(&[("model.rs", model), ("transport.rs", "")]);
            assert!(found[0].starts_with(&format!("model.rs:{line}: `crate::")), "{found:?}");
            assert!(found[0].contains("goes through lib.rs; name the module"), "{found:?}");
        }
    }

    #[test]
    fn folder_and_row_must_match() {
        let found = problems(&[("model.rs", ""), ("client/mod.rs", "")]);
        assert!(found[0].starts_with("client: no layer has this name; move it"), "{found:?}");
        assert!(found[1].starts_with("transport: not found; remove the row"), "{found:?}");
    }
}
