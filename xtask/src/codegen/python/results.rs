//! The classes of responses, for the runtime and for type checkers.

use serde_json::Value;

use super::super::spec::{Spec, reference};
use super::{annotations, attribute, boolean, prose, quoted, slots, stub};

/// The schema of most responses.
const ROOT: &str = "Integration";

/// The class of a schema, its key first.
pub struct ResultClass {
    pub name: String,
    description: String,
    fields: Vec<Field>,
}

struct Field {
    wire: String,
    attribute: String,
    description: String,
    kind: Kind,
    is_key: bool,
}

enum Kind {
    /// A builtin type, and its name for users.
    Builtin(&'static str, String),
    /// Another class, once or several times.
    Nested(String, bool),
    /// Settings of the provider that another field names.
    Settings,
    /// Any JSON, kept with unknown fields.
    Other,
}

/// All classes, each after those that it contains.
pub fn all(spec: &Spec) -> Vec<ResultClass> {
    let mut found = Vec::new();
    visit(spec, ROOT, &mut found);
    found
}

fn visit(spec: &Spec, name: &str, found: &mut Vec<ResultClass>) {
    if found.iter().any(|class| class.name == name) {
        return;
    }
    let schema = &spec.schemas()[name];
    let key = schema["required"][0].as_str().unwrap_or("id");
    let properties = schema["properties"].as_object();
    let mut fields: Vec<_> =
        properties.into_iter().flatten().map(|(wire, body)| field(spec, wire, body, key)).collect();
    fields.retain(|field| !matches!(field.kind, Kind::Other));
    fields.sort_by_key(|field| !field.is_key);
    for field in &fields {
        if let Kind::Nested(inner, _) = &field.kind {
            visit(spec, inner, found);
        }
    }
    found.push(ResultClass {
        name: name.to_owned(),
        description: super::super::spec::text(schema, "description"),
        fields,
    });
}

fn field(spec: &Spec, wire: &str, schema: &Value, key: &str) -> Field {
    let open = spec.open_enums().into_iter().find(|open| Some(open.name.as_str()) == reference(schema));
    let named =
        |schema: &Value| reference(schema).filter(|name| spec.schemas()[*name]["type"] == "object").map(str::to_owned);
    let kind = match (&open, schema["type"].as_str()) {
        (Some(open), _) => Kind::Builtin("str", open.name.clone()),
        // Unknown fields are hidden.
        (None, Some("string")) if schema["format"] == "password" => Kind::Other,
        (None, Some("string")) => Kind::Builtin("str", "str".to_owned()),
        (None, Some("boolean")) => Kind::Builtin("bool", "bool".to_owned()),
        (None, Some("integer")) => Kind::Builtin("int", "int".to_owned()),
        (None, Some("number")) => Kind::Builtin("float", "float".to_owned()),
        (None, Some("object")) if wire == "settings" => Kind::Settings,
        (None, Some("array")) => named(&schema["items"]).map_or(Kind::Other, |name| Kind::Nested(name, true)),
        _ => named(schema).map_or(Kind::Other, |name| Kind::Nested(name, false)),
    };
    let about = schema["description"].as_str().map(str::to_owned).or(open.map(|open| open.description));
    Field {
        wire: wire.to_owned(),
        attribute: if wire == "provider_id" { wire.to_owned() } else { attribute(wire) },
        description: about.unwrap_or_default(),
        kind,
        is_key: wire == key,
    }
}

impl ResultClass {
    /// The attribute of the key.
    fn key(&self) -> &str {
        self.fields.iter().find(|field| field.is_key).map_or("", |field| &field.attribute)
    }

    fn has_settings(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.kind, Kind::Settings))
    }

    /// The base class.
    fn base(&self) -> &'static str {
        match self.name.as_str() {
            ROOT => "IntegrationBase",
            "ProviderDescription" => "ProviderDescriptionBase",
            _ => "Result",
        }
    }

    /// Attributes and their descriptions: those of the document, and those for unknown fields.
    fn attributes(&self) -> Vec<(String, &str)> {
        let documented = self.fields.iter().map(|f| (f.attribute.clone(), f.description.as_str()));
        let settings = ("extra_settings".to_owned(), "Settings that this version does not know.");
        let settings = self.has_settings().then_some(settings);
        let extra = ("extra".to_owned(), "Fields that this version does not know, or with unexpected values.");
        documented.chain(settings).chain([extra]).collect()
    }

    /// The first sentences of its documentation.
    fn summary(&self) -> String {
        let first = prose(&self.description);
        let first = first.split(". ").next().unwrap_or_default().trim_end_matches('.');
        format!("{first}. Only its `{}` is always present.", self.key())
    }

    /// The class.
    pub fn class(&self) -> String {
        let attributes = self.attributes();
        let names: Vec<_> = attributes.iter().map(|(name, _)| quoted(name)).collect();
        let kind = |name: &str, given: bool| match self.fields.iter().find(|field| field.attribute == name) {
            Some(field) => field.runtime_annotation(given),
            None if given => "RawValues | dict[str, object] | None".to_owned(),
            None => "RawValues".to_owned(),
        };
        let optional = |name: &str| format!(", {name}: {} = None", kind(name, true));
        let parameters: String = attributes.iter().skip(1).map(|(name, _)| optional(name)).collect();
        let extra = || attributes.iter().map(|(name, _)| name).filter(|name| name.starts_with("extra"));
        let raw = extra().map(|name| format!("        {name} = RawValues({{}} if {name} is None else {name})\n"));
        let raw: String = raw.collect();
        let typed = if self.has_settings() { "        settings = typed(settings)\n" } else { "" };
        let kept: String = self.fields.iter().map(Field::kept).collect();
        let put: String = extra().map(|name| format!("        put(self, {}, {name})\n", quoted(name))).collect();
        let key = self.key();
        format!(
            "\n\nclass {}({}):\n    \"\"\"{}\n\n\
            \x20   Keeps unknown fields, and `to_dict(reveal=True)` writes them back unchanged.\n    \"\"\"\n\n\
            \x20   __slots__ = {{\n{}    }}\n    __match_args__ = ({})\n{}{}{}    _table = {{\n{}    }}\n{}    _fields = Fields(_table)\n\n\
            \x20   def __init__(self, *, {key}: str{parameters}) -> None:\n{typed}{raw}{kept}{put}",
            self.name,
            self.base(),
            self.summary(),
            slots(self.attributes().into_iter()),
            names.join(", "),
            annotations(attributes.iter().map(|(name, _)| (name.clone(), kind(name, false)))),
            if key == "id" { String::new() } else { format!("    _key = {}\n", quoted(key)) },
            if self.has_settings() { "    _providers = _PROVIDERS\n" } else { "" },
            self.fields.iter().filter_map(Field::row).collect::<String>(),
            self.nested(),
        )
    }

    /// The table of fields of another class.
    fn nested(&self) -> String {
        let rows: String = self
            .fields
            .iter()
            .filter_map(|field| match &field.kind {
                Kind::Nested(class, several) => {
                    let (wire, attribute) = (quoted(&field.wire), quoted(&field.attribute));
                    Some(format!("        {wire}: ({attribute}, {class}, {}),\n", boolean(*several)))
                }
                _ => None,
            })
            .collect();
        if rows.is_empty() { rows } else { format!("    _nested = {{\n{rows}    }}\n") }
    }

    /// The class in the stub.
    pub fn stub(&self) -> String {
        let field = |name: &str| self.fields.iter().find(|field| field.attribute == name);
        let parameters = self.attributes().into_iter().map(|(name, _)| match field(&name) {
            Some(field) => format!("{name}: {}{}", field.annotation(true), if field.is_key { "" } else { " = ..." }),
            None => format!("{name}: RawValues | Mapping[str, Any] | None = ..."),
        });
        let attributes = self.attributes().into_iter().map(|(name, about)| {
            let kind = field(&name).map_or_else(|| "RawValues".to_owned(), |field| field.annotation(false));
            (name, kind, about)
        });
        stub::class(&format!("{}({})", self.name, self.base()), &self.summary(), None, parameters, attributes)
    }
}

impl Field {
    /// The line of a constructor that checks and keeps it.
    fn kept(&self) -> String {
        let Self { attribute, kind, is_key, .. } = self;
        let check = match kind {
            Kind::Builtin("bool", _) => "a_bool".to_owned(),
            Kind::Builtin("int", _) => "a_whole_number".to_owned(),
            Kind::Builtin("float", _) => "a_number".to_owned(),
            Kind::Builtin(..) | Kind::Other => "a_str".to_owned(),
            Kind::Nested(class, false) => format!("one({class})"),
            Kind::Nested(class, true) => format!("several({class})"),
            Kind::Settings => "a_provider".to_owned(),
        };
        let name = quoted(attribute);
        let checked = match is_key {
            true => format!("{check}(self, {name}, {attribute})"),
            false => format!("optional({check}, self, {name}, {attribute})"),
        };
        format!("        put(self, {name}, {checked})\n")
    }

    /// Its row in the table of plain fields, if it is plain.
    fn row(&self) -> Option<String> {
        match self.kind {
            Kind::Builtin(builtin, _) => {
                let row = format!("({}, {builtin}, False, False)", quoted(&self.attribute));
                Some(format!("        {}: {row},\n", quoted(&self.wire)))
            }
            _ => None,
        }
    }

    /// Its type at runtime, without the modules that only type checkers need.
    fn runtime_annotation(&self, given: bool) -> String {
        let kind = match &self.kind {
            Kind::Builtin(builtin, _) => (*builtin).to_owned(),
            Kind::Nested(class, true) if given => format!("list[{class}] | tuple[{class}, ...]"),
            _ => return self.annotation(given),
        };
        if self.is_key { kind } else { format!("{kind} | None") }
    }

    /// Its type for users: as an argument, or as an attribute.
    fn annotation(&self, given: bool) -> String {
        let kind = match &self.kind {
            Kind::Builtin(_, name) => name.clone(),
            Kind::Nested(class, false) => class.clone(),
            Kind::Nested(class, true) if given => format!("Iterable[{class}]"),
            Kind::Nested(class, true) => format!("tuple[{class}, ...]"),
            Kind::Settings => "Provider".to_owned(),
            Kind::Other => "Any".to_owned(),
        };
        if self.is_key { kind } else { format!("{kind} | None") }
    }
}
