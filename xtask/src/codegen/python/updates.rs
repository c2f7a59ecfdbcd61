//! The classes of updates: each provider's settings again, each optional.

use super::super::spec::{Provider, Spec};
use super::{annotations, attribute, builtin, check, kept_type, prose, quoted, runtime_type, slots, stub, stub_type};

/// The class of changes to a provider's settings.
pub fn class_of(provider: &Provider) -> String {
    format!("{}Update", provider.schema)
}

/// The classes in the union `SettingsUpdate`.
pub fn union(spec: &Spec) -> String {
    let names = spec.providers.iter().map(class_of).chain(["UnknownProvider".to_owned()]);
    names.collect::<Vec<_>>().join(" | ")
}

/// The classes of settings, and the class of updates.
pub fn classes(spec: &Spec) -> String {
    let settings: String = spec.providers.iter().map(settings_class).collect();
    let known: String = spec.providers.iter().map(|p| format!("    {}: {},\n", quoted(&p.id), class_of(p))).collect();
    let fields = fields(spec);
    format!(
        "{settings}\n\n#: Changes to any provider's settings.\nSettingsUpdate = {}\n\n_UPDATES = {{\n{known}}}\n\n\n\
        class UpdateIntegration(UpdateIntegrationBase):\n    \"\"\"{}\n\n    Example::\n\n\
        \x20       client.integrations.update(\"1165\", UpdateIntegration(name=\"Another\"))\n    \"\"\"\n\n\
        \x20   __slots__ = {{\n{}    }}\n    __match_args__ = (\"name\", \"status\", \"settings\")\n    _providers = _UPDATES\n\
        \x20   name: str | Keep\n    status: str | Keep\n    settings: SettingsUpdate | Keep\n\n\
        \x20   def __init__(self, *, name: str | Keep = KEEP, status: str | Keep = KEEP, settings: SettingsUpdate | Keep = KEEP) -> None:\n\
        \x20       settings = typed(settings)\n\
        \x20       put(self, \"name\", kept(a_str, self, \"name\", name))\n\
        \x20       put(self, \"status\", kept(a_str, self, \"status\", status))\n\
        \x20       put(self, \"settings\", kept(a_provider, self, \"settings\", settings))\n",
        union(spec),
        summary(spec),
        slots(fields.iter().map(|(name, about)| ((*name).to_owned(), about.as_str()))),
    )
}

/// The classes in the stub.
pub fn stubs(spec: &Spec) -> String {
    let settings: String = spec.providers.iter().map(settings_stub).collect();
    let fields = fields(spec);
    let kinds = ["str | Keep", "Status | Keep", "SettingsUpdate | Keep"].map(str::to_owned);
    let all = || fields.iter().zip(kinds.clone());
    let head = "UpdateIntegration(UpdateIntegrationBase)";
    let parameters = all().map(|((name, _), kind)| format!("{name}: {kind} = ..."));
    let attributes = all().map(|((name, about), kind)| ((*name).to_owned(), kind, about.as_str()));
    let update = stub::class(head, &summary(spec), None, parameters, attributes);
    format!("{settings}\nSettingsUpdate: TypeAlias = {}\n{update}", union(spec))
}

fn summary(spec: &Spec) -> String {
    prose(&super::super::spec::text(&spec.schemas()["UpdateIntegration"], "description"))
}

/// The fields of an update, and their descriptions.
fn fields(spec: &Spec) -> [(&'static str, String); 3] {
    let properties = &spec.schemas()["UpdateIntegration"]["properties"];
    ["name", "status", "settings"].map(|name| {
        let about = properties[name]["description"].as_str().unwrap_or("The new status.");
        (name, about.to_owned())
    })
}

fn about(provider: &Provider) -> String {
    let title = &provider.title;
    format!("Changes to the settings of {title}. Omitted settings keep their values; `None` is sent as `null`.")
}

fn settings_class(provider: &Provider) -> String {
    let (schema, name) = (&provider.schema, class_of(provider));
    let names = || provider.settings.iter().map(|s| (s, attribute(&s.name)));
    let parameters: String =
        names().map(|(setting, name)| format!(", {name}: {} | None | Keep = KEEP", runtime_type(setting))).collect();
    let kinds = names().map(|(setting, name)| {
        let kind = if setting.secret { "Secret" } else { builtin(setting) };
        (name, format!("{kind} | None | Keep"))
    });
    let hidden: String = names()
        .filter(|(setting, _)| setting.secret)
        .map(|(_, name)| format!("        {name} = hide_change({name})\n"))
        .collect();
    let kept: String = names()
        .map(|(setting, name)| {
            let quoted = quoted(&name);
            format!("        put(self, {quoted}, change({}, self, {quoted}, {name}))\n", check(setting))
        })
        .collect();
    format!(
        "\n\nclass {name}(SettingsUpdateBase):\n    \"\"\"{}\n\n    Example::\n\n        {name}({})\n    \"\"\"\n\n\
        \x20   __slots__ = {schema}.__slots__\n    __match_args__ = {schema}.__match_args__\n{}\n\
        \x20   #: `provider_id` on the wire, which an update does not send.\n    provider_id = {}\n    _settings = {schema}._settings\n\n\
        \x20   def __init__(self, *{parameters}) -> None:\n{hidden}{kept}",
        about(provider),
        example(provider).unwrap_or_default(),
        annotations(kinds),
        quoted(&provider.id),
    )
}

fn settings_stub(provider: &Provider) -> String {
    let all = || provider.settings.iter();
    let head = format!("{}(SettingsUpdateBase)", class_of(provider));
    let parameters = all().map(|s| format!("{}: {} | None | Keep = ...", attribute(&s.name), stub_type(s)));
    let attributes =
        all().map(|s| (attribute(&s.name), format!("{} | None | Keep", kept_type(s)), s.description.as_str()));
    stub::class(&head, &about(provider), Some(&provider.id), parameters, attributes)
}

/// The first setting of the example, as a keyword argument.
pub fn example(provider: &Provider) -> Option<String> {
    super::example_arguments(provider).into_iter().next()
}
