//! `_generated.py`: the classes, without `dataclasses`, which would more than double the time of the import.

use super::super::spec::{Provider, Setting, Spec};
use super::{
    annotations, attribute, boolean, builtin, check, example_arguments, exports, prose, quoted, required_first,
    results, runtime_type, slots, union, updates,
};

/// The file's text.
pub fn generate(spec: &Spec) -> String {
    let head = "\"\"\"The providers of the document, and the classes of requests and responses.\"\"\"\n\n\
        from __future__ import annotations\n\n\
        from ._checks import a_bool, a_number, a_provider, a_secret, a_str, a_whole_number\n\
        from ._checks import change, hide_change, kept, one, optional, several, typed\n\
        from ._model import KEEP, Keep, put\nfrom ._native import Fields, RawValues, Secret, hide\n\
        from ._requests import NewIntegrationBase, UpdateIntegrationBase\n\
        from ._results import IntegrationBase, ProviderDescriptionBase, Result\n\
        from ._settings import Settings, SettingsUpdateBase, UnknownProvider\n";
    let settings: String = spec.providers.iter().map(settings_class).collect();
    let known: String = spec.providers.iter().map(|p| format!("    {}: {},\n", quoted(&p.id), p.schema)).collect();
    format!(
        "{head}\n__all__ = [\n{}]\n{settings}\n\n\
        #: The settings of any provider.\nProvider = {}\n\n_PROVIDERS = {{\n{known}}}\n{}{}{}",
        exports(spec),
        union(spec),
        new_integration(spec),
        updates::classes(spec),
        results::all(spec).iter().map(results::ResultClass::class).collect::<String>(),
    )
}

fn settings_class(provider: &Provider) -> String {
    let Provider { id, schema, title, description, .. } = provider;
    let kinds = provider.settings.iter().map(|s| {
        let kind = if s.secret { "Secret" } else { builtin(s) };
        (attribute(&s.name), if s.required { kind.to_owned() } else { format!("{kind} | None") })
    });
    let arguments = example_arguments(provider).join(",\n            ");
    let names: String = provider.settings.iter().map(|s| format!("{}, ", quoted(&attribute(&s.name)))).collect();
    let table: String = provider
        .settings
        .iter()
        .map(|s| {
            let (name, attribute) = (quoted(&s.name), quoted(&attribute(&s.name)));
            let (required, secret) = (boolean(s.required), boolean(s.secret));
            format!("        {name}: ({attribute}, {}, {required}, {secret}),\n", builtin(s))
        })
        .collect();
    format!(
        "\n\nclass {schema}(Settings):\n    \"\"\"{}\n\n    Example::\n\n        {schema}(\n            {arguments},\n        )\n    \"\"\"\n\n\
        \x20   __slots__ = {{\n{}    }}\n    __match_args__ = ({})\n{}\n    #: `provider_id` on the wire.\n    provider_id = {}\n    _title = {}\n\
        \x20   _settings = {{\n{table}    }}\n    _fields = Fields(_settings)\n\n{}",
        prose(description),
        slots(provider.settings.iter().map(|s| (attribute(&s.name), s.description.as_str()))),
        names.trim_end(),
        annotations(kinds),
        quoted(id),
        quoted(title),
        settings_init(provider),
    )
}

fn settings_init(provider: &Provider) -> String {
    let parameters = required_first(provider).map(|s| {
        let (name, kind) = (attribute(&s.name), runtime_type(s));
        if s.required { format!("{name}: {kind}") } else { format!("{name}: {kind} | None = None") }
    });
    let parameters: Vec<_> = parameters.collect();
    let names = || provider.settings.iter().map(|s| (s, attribute(&s.name)));
    let hidden: String =
        names().filter(|(s, _)| s.secret).map(|(_, name)| format!("        {name} = hide({name})\n")).collect();
    let kept: String = names()
        .map(|(s, name)| {
            let checked = match s.required {
                true => format!("{}(self, {}, {name})", check(s), quoted(&name)),
                false => format!("optional({}, self, {}, {name})", check(s), quoted(&name)),
            };
            format!("        put(self, {}, {checked})\n", quoted(&name))
        })
        .collect();
    format!(
        "    def __init__(self, *, {}) -> None:\n{hidden}{kept}\n{}",
        parameters.join(", "),
        settings_wire(provider)
    )
}

/// The method that returns the settings in wire form, with hidden secrets.
fn settings_wire(provider: &Provider) -> String {
    let (required, optional): (Vec<_>, Vec<_>) = provider.settings.iter().partition(|s| s.required);
    let member = |s: &&Setting| format!("            {}: self.{},\n", quoted(&s.name), attribute(&s.name));
    let members: String = required.iter().map(member).collect();
    if optional.is_empty() {
        return format!("    def _wire(self):\n        return {{\n{members}        }}\n");
    }
    let given: String = optional
        .iter()
        .map(|s| {
            let (name, attribute) = (quoted(&s.name), attribute(&s.name));
            format!("        if self.{attribute} is not None:\n            wire[{name}] = self.{attribute}\n")
        })
        .collect();
    format!("    def _wire(self):\n        wire = {{\n{members}        }}\n{given}        return wire\n")
}

fn new_integration(spec: &Spec) -> String {
    let properties = &spec.new_integration()["properties"];
    let about =
        |name: &str| properties[name]["description"].as_str().unwrap_or("The status; `None` leaves it to the server.");
    let fields = [("name", about("name")), ("settings", "The provider's settings."), ("status", about("status"))];
    format!(
        "\n\nclass NewIntegration(NewIntegrationBase):\n    \"\"\"{}\"\"\"\n\n    __slots__ = {{\n{}    }}\n\
        \x20   __match_args__ = (\"name\", \"settings\", \"status\")\n    _providers = _PROVIDERS\n\
        \x20   name: str\n    settings: Provider\n    status: str | None\n\n\
        \x20   def __init__(self, *, name: str, settings: Provider, status: str | None = \"active\") -> None:\n\
        \x20       settings = typed(settings)\n\
        \x20       put(self, \"name\", a_str(self, \"name\", name))\n\
        \x20       put(self, \"settings\", a_provider(self, \"settings\", settings))\n\
        \x20       put(self, \"status\", optional(a_str, self, \"status\", status))\n",
        prose(&super::super::spec::text(&spec.schemas()[super::super::spec::UNION], "description")),
        slots(fields.iter().map(|(name, about)| ((*name).to_owned(), *about))),
    )
}
