//! `_generated.pyi`: the same classes for type checkers and editors.

use super::super::spec::{Provider, Spec};
use super::{attribute, exports, given_type, kept_type, prose, quoted, required_first, results, union, updates};

/// The file's text.
pub fn generate(spec: &Spec) -> String {
    let opens: Vec<_> = spec.open_enums().into_iter().map(|open| open.name).collect();
    let settings: String = spec.providers.iter().map(settings_class).collect();
    format!(
        "from collections.abc import Iterable, Mapping\nfrom typing import Any, ClassVar, Literal\n\nfrom typing_extensions import TypeAlias\n\n\
        from ._model import Keep\n\
        from ._native import RawValues, Secret\nfrom ._requests import NewIntegrationBase, UpdateIntegrationBase\n\
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
    let parameters: Vec<_> = required_first(provider)
        .map(|s| {
            let (name, kind) = (attribute(&s.name), given_type(s));
            if s.required { format!("{name}: {kind}") } else { format!("{name}: {kind} | None = None") }
        })
        .collect();
    let attributes = provider.settings.iter().map(|s| {
        let kind = if s.required { kept_type(s) } else { format!("{} | None", kept_type(s)) };
        (attribute(&s.name), kind, prose(&s.description))
    });
    let names: Vec<_> = provider.settings.iter().map(|s| attribute(&s.name)).collect();
    let Provider { schema, id, description, .. } = provider;
    format!(
        "\nclass {schema}(Settings):\n    \"\"\"{}\"\"\"\n\n    provider_id: ClassVar[Literal[{}]]\n{}\
        \x20   def __init__(self, *, {}) -> None: ...\n{}",
        prose(description),
        quoted(id),
        match_args(&names),
        parameters.join(", "),
        attributes.map(|(name, kind, about)| property(&name, &kind, &about)).collect::<String>(),
    )
}

fn new_integration() -> String {
    format!(
        "\nclass NewIntegration(NewIntegrationBase):\n    \"\"\"The request of a create.\"\"\"\n\n{}\
        \x20   def __init__(self, *, name: str, settings: Provider, status: Status | None = \"active\") -> None: ...\n{}",
        match_args(&["name", "settings", "status"].map(str::to_owned)),
        property("name", "str", "The name, 1 to 100 characters.")
            + &property("settings", "Provider", "The provider's settings.")
            + &property("status", "Status | None", "Whether it is in use; `None` leaves it to the server."),
    )
}

/// The attributes of a pattern, in order.
pub fn match_args(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    format!(
        "    __match_args__: ClassVar[tuple[{}]]\n",
        names.iter().map(|n| format!("Literal[{n}]")).collect::<Vec<_>>().join(", ")
    )
}

/// A read-only attribute.
pub fn property(name: &str, kind: &str, about: &str) -> String {
    format!("    @property\n    def {name}(self) -> {kind}:\n        \"\"\"{about}\"\"\"\n")
}
