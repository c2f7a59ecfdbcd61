//! Samples for type checkers: one for each provider, accepted, and one for each pair of providers, rejected.

use super::super::spec::{Provider, Spec};
use super::{attribute, example_arguments, kept_type, literal, quoted, updates};

/// The samples that checkers must accept: each provider in every form.
pub fn accepted(spec: &Spec) -> String {
    let classes: Vec<_> = spec.providers.iter().flat_map(|p| [p.schema.clone(), updates::class_of(p)]).collect();
    let functions: String = spec.providers.iter().map(accept).collect();
    let cases: String = spec
        .providers
        .iter()
        .map(|p| {
            let first = &p.settings[0];
            let name = attribute(&first.name);
            format!("        case {}({name}=first):\n            assert_type(first, {})\n", p.schema, kept(first))
        })
        .collect();
    let literal = if functions.contains("Literal[") { "from typing import Literal\n\n" } else { "" };
    format!(
        "\"\"\"Samples that pyright and mypy, in strict mode, must accept.\"\"\"\n\n{literal}from typing_extensions import assert_never, assert_type\n\n\
        from ocamba_hood import AsyncClient, Client, Integration, Keep, NewIntegration, Provider, Secret, SettingsUpdate\n\
        from ocamba_hood import UnknownProvider, UpdateIntegration\n\
        from ocamba_hood import {}\nfrom ocamba_hood.types import NewIntegrationDict, UpdateIntegrationDict\n{functions}\n\n\
        def match_is_exhaustive(provider: Provider) -> None:\n    match provider:\n{cases}\
        \x20       case UnknownProvider(provider_id=id):\n            assert_type(id, str)\n        case _:\n            assert_never(provider)\n",
        classes.join(", "),
    )
}

fn kept(setting: &super::Setting) -> String {
    let kind = kept_type(setting);
    if setting.required { kind } else { format!("{kind} | None") }
}

fn accept(provider: &Provider) -> String {
    let (schema, id) = (&provider.schema, quoted(&provider.id));
    let name = schema.to_lowercase();
    let arguments = example_arguments(provider).join(", ");
    let dict = dict(provider);
    let attributes: String = provider
        .settings
        .iter()
        .map(|s| format!("    assert_type(settings.{}, {})\n", attribute(&s.name), kept(s)))
        .collect();
    format!(
        "\n\nasync def {name}(client: Client, asynchronous: AsyncClient) -> None:\n    settings = {schema}({arguments})\n{attributes}\
        \x20   provider: Provider = settings\n\
        \x20   assert_type(client.integrations.create(name=\"Example\", settings=settings), Integration)\n\
        \x20   assert_type(client.integrations.create(NewIntegration(name=\"Example\", settings=provider)), Integration)\n\
        \x20   request: NewIntegrationDict = {{\"name\": \"Example\", \"provider_id\": {id}, \"settings\": {dict}}}\n\
        \x20   assert_type(await asynchronous.integrations.create(request), Integration)\n\
        \x20   client.integrations.create({{\"name\": \"Example\", \"provider_id\": {id}, \"settings\": {dict}, \"status\": \"active\"}})\n\
        \x20   client.integrations.create({{\"name\": \"Example\", \"provider_id\": {id}, \"settings\": settings}})\n{}",
        accept_update(provider),
    )
}

fn accept_update(provider: &Provider) -> String {
    let (class, id) = (updates::class_of(provider), quoted(&provider.id));
    let (argument, member) = (updates::example(provider).unwrap_or_default(), example_member(provider));
    let first = &provider.settings[0];
    let name = attribute(&first.name);
    format!(
        "    changes = {class}({argument})\n    assert_type(changes.{name}, \"{} | None | Keep\")\n    any_changes: SettingsUpdate = changes\n\
        \x20   client.integrations.update(\"1165\", settings={class}({name}=None))\n\
        \x20   client.integrations.update(\"1165\", UpdateIntegration(name=\"Another\", settings=any_changes))\n\
        \x20   update: UpdateIntegrationDict = {{\"provider_id\": {id}, \"settings\": {{{member}}}}}\n\
        \x20   await asynchronous.integrations.update(\"1165\", update)\n\
        \x20   client.integrations.update(\"1165\", {{\"provider_id\": {id}, \"settings\": changes, \"status\": \"active\"}})\n",
        kept_type(first),
    )
}

/// A setting of the example, as a member of a wire dict.
fn example_member(provider: &Provider) -> String {
    let settings = &provider.request["settings"];
    let given = provider.settings.iter().find(|s| !settings[&s.name].is_null());
    given.map(|s| format!("{}: {}", quoted(&s.name), literal(&settings[&s.name]))).unwrap_or_default()
}

/// The samples that checkers must reject: each provider with another provider's settings. Each line that ends in
/// `# rejected` must have an error, and no other line.
pub fn rejected(spec: &Spec) -> String {
    let classes: Vec<_> = spec.providers.iter().flat_map(|p| [p.schema.clone(), updates::class_of(p)]).collect();
    let pairs: String = spec
        .providers
        .iter()
        .flat_map(|p| spec.providers.iter().filter(|other| other.id != p.id).map(move |other| reject(p, other)))
        .collect();
    format!(
        "\"\"\"Samples that pyright and mypy, in strict mode, must reject: each line that ends in `# rejected`, and no other.\"\"\"\n\n\
        from ocamba_hood import Client\nfrom ocamba_hood import {}\n\n\ndef pairs(client: Client) -> None:\n{pairs}",
        classes.join(", "),
    )
}

fn reject(provider: &Provider, other: &Provider) -> String {
    let (id, schema) = (quoted(&provider.id), &other.schema);
    let arguments = example_arguments(other).join(", ");
    let create = |settings: String| {
        format!(
            "    client.integrations.create({{\"name\": \"Example\", \"provider_id\": {id}, \"settings\": {settings}}})  # rejected\n"
        )
    };
    let mut lines = create(format!("{schema}({arguments})"));
    // Two providers may have the same settings: then only their classes differ.
    if !fits(provider, other) {
        lines += &create(dict(other));
        lines += &format!("    {}({arguments})  # rejected\n", provider.schema);
    }
    let update = |settings: String| {
        format!(
            "    client.integrations.update(\"1165\", {{\"provider_id\": {id}, \"settings\": {settings}}})  # rejected\n"
        )
    };
    let class = updates::class_of(other);
    lines += &update(format!("{class}({arguments})"));
    if !knows_all(provider, other) {
        lines += &update(dict(other));
        lines += &format!("    {}({arguments})  # rejected\n", updates::class_of(provider));
    }
    lines
}

/// Whether another provider's example settings are also valid settings of this provider.
fn fits(provider: &Provider, other: &Provider) -> bool {
    let settings = &other.request["settings"];
    provider.settings.iter().all(|s| !s.required || !settings[&s.name].is_null()) && knows_all(provider, other)
}

/// Whether a provider has all the settings of another's example.
fn knows_all(provider: &Provider, other: &Provider) -> bool {
    let known = |name: &String| provider.settings.iter().any(|s| s.name == *name);
    other.request["settings"].as_object().is_some_and(|all| all.keys().all(known))
}

fn dict(provider: &Provider) -> String {
    let settings = provider.request["settings"].as_object();
    let members: Vec<_> =
        settings.into_iter().flatten().map(|(name, value)| format!("{}: {}", quoted(name), literal(value))).collect();
    format!("{{{}}}", members.join(", "))
}
