//! `_generated.py`: the classes, written out plainly. To make them of `dataclasses` would cost more than the whole import.

use super::super::spec::{Provider, Setting, Spec};
use super::{attribute, builtin, example_arguments, exports, prose, quoted, required_first, union};

/// The file's text.
pub fn generate(spec: &Spec) -> String {
    let head = "\"\"\"The providers of the document, and what is sent and returned.\"\"\"\n\n\
        from ._checks import a_bool, a_number, a_provider, a_secret, a_str, a_whole_number, optional, typed\n\
        from ._model import IntegrationBase, NewIntegrationBase, Settings, UnknownProvider, put\n\
        from ._native import Fields, RawValues, hide\n";
    let settings: String = spec.providers.iter().map(settings_class).collect();
    let known: String = spec.providers.iter().map(|p| format!("    {}: {},\n", quoted(&p.id), p.schema)).collect();
    format!(
        "{head}\n__all__ = [\n{}]\n{settings}\n\n\
        #: Any provider's settings: what is sent with a create, and returned.\nProvider = {}\n\n_PROVIDERS = {{\n{known}}}\n{}{}",
        exports(spec),
        union(spec),
        new_integration(spec),
        integration(spec),
    )
}

fn settings_class(provider: &Provider) -> String {
    let Provider { id, schema, description, .. } = provider;
    let arguments = example_arguments(provider).join(",\n            ");
    let names: String = provider.settings.iter().map(|s| format!("{}, ", quoted(&attribute(&s.name)))).collect();
    let table: String = provider
        .settings
        .iter()
        .map(|s| {
            let (required, secret) =
                (if s.required { "True" } else { "False" }, if s.secret { "True" } else { "False" });
            let attribute = quoted(&attribute(&s.name));
            format!("        {}: ({attribute}, {}, {required}, {secret}),\n", quoted(&s.name), builtin(s))
        })
        .collect();
    format!(
        "\n\nclass {schema}(Settings):\n    \"\"\"{}\n\n    Example::\n\n        {schema}(\n            {arguments},\n        )\n    \"\"\"\n\n\
        \x20   __slots__ = {{\n{}    }}\n    __match_args__ = ({})\n\n    #: `provider_id` on the wire.\n    provider_id = {}\n\
        \x20   _settings = {{\n{table}    }}\n    _fields = Fields(_settings)\n\n{}",
        prose(description),
        slots(provider.settings.iter().map(|s| (attribute(&s.name), s.description.as_str()))),
        names.trim_end(),
        quoted(id),
        settings_init(provider),
    )
}

/// Attributes and what they are: shown by `help`.
fn slots<'a>(all: impl Iterator<Item = (String, &'a str)>) -> String {
    all.map(|(name, about)| format!("        {}: {},\n", quoted(&name), quoted(&prose(about)))).collect()
}

fn settings_init(provider: &Provider) -> String {
    let parameters: Vec<_> =
        required_first(provider).map(|s| attribute(&s.name) + if s.required { "" } else { "=None" }).collect();
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
    format!("    def __init__(self, *, {}):\n{hidden}{kept}\n{}", parameters.join(", "), settings_wire(provider))
}

/// The method that gives the settings as they go over the wire, with secrets still hidden.
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

/// The function that checks a setting's type.
fn check(setting: &Setting) -> &'static str {
    match builtin(setting) {
        _ if setting.secret => "a_secret",
        "int" => "a_whole_number",
        "float" => "a_number",
        "bool" => "a_bool",
        _ => "a_str",
    }
}

fn new_integration(spec: &Spec) -> String {
    let properties = &spec.schemas()["NewIntegration"]["allOf"][0]["properties"];
    let about =
        |name: &str| properties[name]["description"].as_str().unwrap_or("The status; `None` leaves it to the server.");
    let fields = [("name", about("name")), ("settings", "The provider's settings."), ("status", about("status"))];
    format!(
        "\n\nclass NewIntegration(NewIntegrationBase):\n    \"\"\"{}\"\"\"\n\n    __slots__ = {{\n{}    }}\n\
        \x20   __match_args__ = (\"name\", \"settings\", \"status\")\n    _providers = _PROVIDERS\n\n\
        \x20   def __init__(self, *, name, settings, status=\"active\"):\n\
        \x20       settings = typed(settings)\n\
        \x20       put(self, \"name\", a_str(self, \"name\", name))\n\
        \x20       put(self, \"settings\", a_provider(self, \"settings\", settings))\n\
        \x20       put(self, \"status\", optional(a_str, self, \"status\", status))\n",
        prose(&super::super::spec::text(&spec.schemas()["NewIntegration"], "description")),
        slots(fields.iter().map(|(name, about)| ((*name).to_owned(), *about))),
    )
}

fn integration(spec: &Spec) -> String {
    let schema = &spec.schemas()["Integration"];
    let fields = super::stub::integration_fields(spec);
    let about = |name: &str| schema["properties"][name]["description"].as_str().unwrap_or_default().to_owned();
    let documented = fields.iter().map(|f| {
        let text = about(&f.wire);
        let text = if text.is_empty() { f.description.clone() } else { text };
        (f.attribute.clone(), text)
    });
    let extra = [
        (
            "extra_settings".to_owned(),
            "Settings that this version does not know, beside those in `settings`.".to_owned(),
        ),
        ("extra".to_owned(), "Fields that this version does not know, or whose values it did not expect.".to_owned()),
    ];
    let documented: Vec<_> = documented.chain(extra).collect();
    let names: Vec<_> = documented.iter().map(|(name, _)| quoted(name)).collect();
    let parameters: Vec<_> =
        fields.iter().filter(|f| f.attribute != "id").map(|f| format!("{}=None", f.attribute)).collect();
    let kept: String = fields
        .iter()
        .map(|f| {
            let name = quoted(&f.attribute);
            let checked = match (f.attribute.as_str(), f.builtin) {
                ("id", _) => "a_str(self, \"id\", id)".to_owned(),
                ("settings", _) => "optional(a_provider, self, \"settings\", settings)".to_owned(),
                (attribute, "bool") => format!("optional(a_bool, self, {name}, {attribute})"),
                (attribute, "str") => format!("optional(a_str, self, {name}, {attribute})"),
                (attribute, _) => attribute.to_owned(),
            };
            format!("        put(self, {name}, {checked})\n")
        })
        .collect();
    let table: String = fields
        .iter()
        .filter(|f| f.attribute != "settings" && !f.builtin.is_empty())
        .map(|f| format!("        {}: ({}, {}, False, False),\n", quoted(&f.wire), quoted(&f.attribute), f.builtin))
        .collect();
    format!(
        "\n\nclass Integration(IntegrationBase):\n    \"\"\"An integration as the server returned it. Only its id is sure to be there.\n\n\
        \x20   What this version does not know is kept, and written back unchanged by `to_dict`.\n    \"\"\"\n\n\
        \x20   __slots__ = {{\n{}    }}\n    __match_args__ = ({})\n    _providers = _PROVIDERS\n    _table = {{\n{table}    }}\n    _fields = Fields(_table)\n\n\
        \x20   def __init__(self, *, id, {}, extra_settings=None, extra=None):\n\
        \x20       settings = typed(settings)\n\
        \x20       extra_settings = RawValues({{}} if extra_settings is None else extra_settings)\n\
        \x20       extra = RawValues({{}} if extra is None else extra)\n{kept}\
        \x20       put(self, \"extra_settings\", extra_settings)\n\
        \x20       put(self, \"extra\", extra)\n",
        slots(documented.iter().map(|(name, about)| (name.clone(), about.as_str()))),
        names.join(", "),
        parameters.join(", "),
    )
}
