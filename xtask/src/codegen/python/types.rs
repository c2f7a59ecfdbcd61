//! `types.py`: requests as plain dicts in wire form, for type checkers.

use super::super::spec::{OpenEnum, Provider, Setting, Spec};
use super::{given_type, prose, quoted, updates};

/// The file's text.
pub fn generate(spec: &Spec) -> String {
    let classes = spec.providers.iter().flat_map(|p| [p.schema.clone(), updates::class_of(p)]);
    let requests: Vec<_> = spec.providers.iter().map(|p| format!("New{}Dict", p.schema)).collect();
    let updates: Vec<_> = spec.providers.iter().map(|p| format!("Update{}Dict", p.schema)).collect();
    let of_provider = |p: &Provider| [format!("{}Dict", p.schema), format!("{}UpdateDict", p.schema)];
    let mut public: Vec<_> =
        spec.providers.iter().flat_map(of_provider).chain(requests.clone()).chain(updates.clone()).collect();
    public.extend(spec.open_enums().into_iter().map(|open| open.name));
    public.extend(["NewIntegrationDict", "UpdateIntegrationDict", "UpdateWithoutSettingsDict"].map(str::to_owned));
    public.sort();
    let public: String = public.iter().map(|name| format!("    {},\n", quoted(name))).collect();
    format!(
        "\"\"\"Requests as plain dicts in wire form, for type checkers. Not needed at runtime.\"\"\"\n\n\
        from __future__ import annotations\n\nfrom typing import Literal, TypedDict, Union\n\n\
        from ._generated import {}\nfrom ._native import Secret\n\n__all__ = [\n{public}]\n\n{}\n\n\
        class _Named(TypedDict):\n    name: str\n\n\nclass _NewIntegrationDict(_Named, total=False):\n    status: Status\n{}\n\n\
        #: A create as a dict: `provider_id` determines its settings.\nNewIntegrationDict = Union[{}]\n\n\n\
        class UpdateWithoutSettingsDict(TypedDict, total=False):\n    \"\"\"An update of the name, the status, or both.\"\"\"\n\n\
        \x20   name: str\n    status: Status\n{}\n\n\
        #: An update as a dict: `provider_id` determines its settings, and is not sent.\n\
        UpdateIntegrationDict = Union[UpdateWithoutSettingsDict, {}]\n",
        classes.collect::<Vec<_>>().join(", "),
        spec.open_enums().iter().map(open).collect::<String>().trim_end(),
        spec.providers.iter().map(dicts).collect::<String>(),
        requests.join(", "),
        spec.providers.iter().map(changes).collect::<String>(),
        updates.join(", "),
    )
}

fn open(open: &OpenEnum) -> String {
    let known: Vec<_> = open.known.iter().map(|value| quoted(value)).collect();
    format!("#: {}\n{} = Union[Literal[{}], str]\n", prose(&open.description), open.name, known.join(", "))
}

fn dicts(provider: &Provider) -> String {
    let Provider { id, schema, title, description, .. } = provider;
    let members = |required: bool| -> String {
        let chosen = provider.settings.iter().filter(|s| s.required == required);
        chosen.map(|s| format!("{}: {}, ", quoted(&s.name), quoted(&given_type(s)))).collect()
    };
    let (required, optional) = (members(true), members(false));
    let name = format!("{schema}Dict");
    let about = prose(description);
    // Calls, since a name on the wire may be a keyword.
    let settings = if optional.is_empty() {
        format!("{name} = TypedDict({}, {{{}}})\n", quoted(&name), required.trim_end_matches(", "))
    } else {
        format!(
            "_{name} = TypedDict({}, {{{}}})\n_Optional{name} = TypedDict({}, {{{}}}, total=False)\n\n\n\
            class {name}(_{name}, _Optional{name}):\n    pass\n",
            quoted(&format!("_{name}")),
            required.trim_end_matches(", "),
            quoted(&format!("_Optional{name}")),
            optional.trim_end_matches(", ")
        )
    };
    format!(
        "\n\n#: {about}\n{settings}\n\nclass New{schema}Dict(_NewIntegrationDict):\n    \"\"\"A create with the settings of {title}.\"\"\"\n\n\
        \x20   provider_id: Literal[{}]\n    settings: Union[{name}, {schema}]\n",
        quoted(id),
    )
}

fn changes(provider: &Provider) -> String {
    let Provider { id, schema, title, .. } = provider;
    let member = |s: &Setting| format!("{}: {}", quoted(&s.name), quoted(&format!("{} | None", given_type(s))));
    let members: Vec<_> = provider.settings.iter().map(member).collect();
    let (name, class) = (format!("{schema}UpdateDict"), updates::class_of(provider));
    format!(
        "\n\n#: Changes to the settings of {title}. Omitted settings keep their values.\n\
        {name} = TypedDict({}, {{{}}}, total=False)\n\n\n\
        class Update{schema}Dict(UpdateWithoutSettingsDict):\n    \"\"\"An update with the settings of {title}.\"\"\"\n\n\
        \x20   provider_id: Literal[{}]\n    settings: Union[{name}, {class}]\n",
        quoted(&name),
        members.join(", "),
        quoted(id),
    )
}
