//! `_generated.pyi`: the same classes for type checkers and editors.

use super::super::spec::{Provider, Spec};
use super::{attribute, exports, kept_type, prose, quoted, required_first, results, stub_type, union, updates};

/// The file's text.
pub fn generate(spec: &Spec) -> String {
    let opens: Vec<_> = spec.open_enums().into_iter().map(|open| open.name).collect();
    let settings: String = spec.providers.iter().map(settings_class).collect();
    format!(
        "from collections.abc import Iterable, Mapping\nfrom typing import Any, ClassVar, Literal\n\nfrom typing_extensions import TypeAlias\n\n\
        from ._model import Keep\n\
        from ._native import RawValues, Secret, _SecretText\nfrom ._requests import NewIntegrationBase, UpdateIntegrationBase\n\
        from ._results import IntegrationBase, ProviderDescriptionBase, Result\n\
        from ._settings import Settings, SettingsUpdateBase, UnknownProvider\n\
        from .types import {}\n\n__all__ = [\n{}]\n{settings}\nProvider: TypeAlias = {}\n{}{}{}",
        opens.join(", "),
        exports(spec),
        union(spec),
        new_integration(),
        updates::stubs(spec),
        results::all(spec).iter().map(results::ResultClass::stub).collect::<String>(),
    )
}

fn settings_class(provider: &Provider) -> String {
    let parameters = required_first(provider).map(|s| {
        let (name, kind) = (attribute(&s.name), stub_type(s));
        if s.required { format!("{name}: {kind}") } else { format!("{name}: {kind} | None = None") }
    });
    let attributes = provider.settings.iter().map(|s| {
        let kind = if s.required { kept_type(s) } else { format!("{} | None", kept_type(s)) };
        (attribute(&s.name), kind, s.description.as_str())
    });
    let Provider { schema, id, description, .. } = provider;
    class(&format!("{schema}(Settings)"), &prose(description), Some(id), parameters, attributes)
}

fn new_integration() -> String {
    let parameters = ["name: str", "settings: Provider", "status: Status | None = \"active\""].map(str::to_owned);
    let attributes = [
        ("name", "str", "The name, 1 to 100 characters."),
        ("settings", "Provider", "The provider's settings."),
        ("status", "Status | None", "Whether it is in use; `None` leaves it to the server."),
    ];
    let attributes = attributes.map(|(name, kind, about)| (name.to_owned(), kind.to_owned(), about));
    class("NewIntegration(NewIntegrationBase)", "The request of a create.", None, parameters, attributes)
}

/// A class with its parameters, and its read-only attributes: their names, types and descriptions.
pub fn class<'a>(
    head: &str,
    about: &str,
    provider_id: Option<&str>,
    parameters: impl IntoIterator<Item = String>,
    attributes: impl IntoIterator<Item = (String, String, &'a str)>,
) -> String {
    let id = provider_id.map(|id| format!("    provider_id: ClassVar[Literal[{}]]\n", quoted(id)));
    let (mut names, mut properties) = (Vec::new(), String::new());
    for (name, kind, about) in attributes {
        names.push(format!("Literal[{}]", quoted(&name)));
        let about = prose(about);
        properties += &format!("    @property\n    def {name}(self) -> {kind}:\n        \"\"\"{about}\"\"\"\n");
    }
    let parameters: Vec<_> = parameters.into_iter().collect();
    format!(
        "\nclass {head}:\n    \"\"\"{about}\"\"\"\n\n{}    __match_args__: ClassVar[tuple[{}]]\n\
        \x20   def __init__(self, *, {}) -> None: ...\n{properties}",
        id.unwrap_or_default(),
        names.join(", "),
        parameters.join(", "),
    )
}
