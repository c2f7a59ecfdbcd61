//! `_generated.pyi`: the same classes for type checkers and editors.

use serde_json::Value;

use super::super::spec::{Provider, Spec};
use super::{attribute, exports, given_type, kept_type, prose, quoted, required_first, union};

/// A field of an integration.
pub struct Field {
    pub wire: String,
    pub attribute: String,
    pub description: String,
    /// The builtin type of its JSON; empty where any will do.
    pub builtin: &'static str,
    /// Its type for users.
    pub annotation: String,
}

/// The file's text.
pub fn generate(spec: &Spec) -> String {
    let opens: Vec<_> = spec.open_enums().into_iter().map(|open| open.name).collect();
    let settings: String = spec.providers.iter().map(settings_class).collect();
    format!(
        "from collections.abc import Mapping\nfrom typing import Any, ClassVar, Literal\n\nfrom typing_extensions import TypeAlias\n\n\
        from ._model import IntegrationBase, NewIntegrationBase, Settings, UnknownProvider\nfrom ._native import RawValues, Secret\n\
        from .types import {}\n\n__all__ = [\n{}]\n{settings}\nProvider: TypeAlias = {}\n{}{}",
        opens.join(", "),
        exports(spec),
        union(spec),
        new_integration(),
        integration(spec),
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
        "\nclass NewIntegration(NewIntegrationBase):\n    \"\"\"What a create sends.\"\"\"\n\n{}\
        \x20   def __init__(self, *, name: str, settings: Provider, status: Status | None = \"active\") -> None: ...\n{}",
        match_args(&["name", "settings", "status"].map(str::to_owned)),
        property("name", "str", "How it is called, 1 to 100 characters.")
            + &property("settings", "Provider", "The provider's settings.")
            + &property("status", "Status | None", "Whether it is in use; left to the server when `None`."),
    )
}

fn integration(spec: &Spec) -> String {
    let mut fields: Vec<_> =
        integration_fields(spec).into_iter().map(|f| (f.attribute, f.annotation, prose(&f.description))).collect();
    let parameters: Vec<_> = fields.iter().skip(1).map(|(name, kind, _)| format!("{name}: {kind} = None")).collect();
    fields.push(("extra_settings".into(), "RawValues".into(), "Settings that this version does not know.".into()));
    fields.push(("extra".into(), "RawValues".into(), "Fields that this version does not know.".into()));
    let names: Vec<_> = fields.iter().map(|(name, _, _)| name.clone()).collect();
    let raw = "RawValues | Mapping[str, Any] | None = None";
    format!(
        "\nclass Integration(IntegrationBase):\n    \"\"\"An integration as the server returned it. Only its id is sure to be there.\"\"\"\n\n{}\
        \x20   def __init__(self, *, id: str, {}, extra_settings: {raw}, extra: {raw}) -> None: ...\n{}",
        match_args(&names),
        parameters.join(", "),
        fields.iter().map(|(name, kind, about)| property(name, kind, about)).collect::<String>(),
    )
}

/// The fields of an integration as the document lists them, its id first.
pub fn integration_fields(spec: &Spec) -> Vec<Field> {
    let opens: Vec<_> = spec.open_enums().into_iter().map(|open| (open.name, open.description)).collect();
    let properties = spec.schemas()["Integration"]["properties"].as_object();
    let field = |(wire, schema): (&String, &Value)| {
        let named = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next());
        let open = opens.iter().find(|(name, _)| Some(name.as_str()) == named);
        let (builtin, kind) = match (open, schema["type"].as_str()) {
            (Some((name, _)), _) => ("str", name.clone()),
            (None, Some("string")) => ("str", "str".to_owned()),
            (None, Some("boolean")) => ("bool", "bool".to_owned()),
            _ if wire == "settings" => ("", "Provider".to_owned()),
            _ => ("", "Any".to_owned()),
        };
        let attribute = if wire == "provider_id" { wire.clone() } else { attribute(wire) };
        let annotation = if wire == "id" { kind } else { format!("{kind} | None") };
        let about = open.map(|(_, about)| about.as_str()).or(schema["description"].as_str()).unwrap_or_default();
        Field { wire: wire.clone(), attribute, description: about.to_owned(), builtin, annotation }
    };
    let mut fields: Vec<_> = properties.into_iter().flatten().map(field).collect();
    fields.sort_by_key(|f| f.wire != "id");
    fields
}

fn match_args(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    format!(
        "    __match_args__: ClassVar[tuple[{}]]\n",
        names.iter().map(|n| format!("Literal[{n}]")).collect::<Vec<_>>().join(", ")
    )
}

fn property(name: &str, kind: &str, about: &str) -> String {
    format!("    @property\n    def {name}(self) -> {kind}:\n        \"\"\"{about}\"\"\"\n")
}
