//! `crates/hood/src/model/results.rs`: what the server returns, read tolerantly and written back unchanged.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::super::spec::{SOURCE, Spec, reference, text};
use super::doc;
use crate::Result;

/// The schema of most responses. Its provider and settings are one field.
const ROOT: &str = "Integration";
/// The schemas, each before those that it contains.
const SCHEMAS: [&str; 3] = [ROOT, "ProviderDescription", "SettingDescription"];
/// What each result says of unknown fields.
const TOLERANCE: &str = " Fields that this version does not know, or whose values have an unexpected type.";
/// What [`ROOT`] says of itself, besides its description.
const ABOUT_ROOT: &str = "

Only the id is always present. Unknown fields, unknown settings and values of an unexpected type are kept in
[`extra`](Self::extra) and [`extra_settings`](Self::extra_settings), and written back with the rest. Any of these may be a
secret, so they are redacted unless [revealed](crate::reveal).

```
use ocamba_hood::{Integration, Provider, Status};

let text = r#\"{\"id\": \"1165\", \"provider_id\": \"2000\", \"settings\": {\"x\": 1}, \"status\": \"odd\", \"colour\": \"red\"}\"#;
let integration: Integration = serde_json::from_str(text)?;
assert_eq!(integration.id, \"1165\");
assert!(matches!(integration.provider, Provider::Unknown { .. }));
assert_eq!(integration.status, Some(Status::Unknown(\"odd\".into())));
assert_eq!(integration.extra.get(\"colour\"), Some(&\"red\".into()));
# Ok::<(), serde_json::Error>(())
```";

/// The file's text.
pub fn generate(spec: &Spec, banner: &str) -> Result<String> {
    let all = SCHEMAS.iter().map(|name| result(spec, name)).collect::<Result<TokenStream>>()?;
    let properties = SCHEMAS.iter().filter_map(|name| spec.schemas()[*name]["properties"].as_object()).flatten();
    let used: BTreeSet<_> = properties.filter_map(|(_, property)| reference(property)).collect();
    let open = spec.open_enums().into_iter().filter(|open| used.contains(open.name.as_str()));
    let open = open.map(|open| format_ident!("{}", open.name));
    let file = quote! {
        use serde::ser::SerializeMap;
        use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
        use super::generated::exports::{Provider, #(#open),*};
        use super::raw_values::RawValues;
        use super::result_settings::{keep_settings, read_provider, write_provider};
        use super::tolerant::{keep, keep_id, read_fields, write_extra, write_field};
        #all
    };
    Ok(format!("// {banner}\n\n{}", prettyplease::unparse(&syn::parse2(file)?)))
}

/// The struct of a schema, and how it is read and written.
fn result(spec: &Spec, name: &str) -> Result<TokenStream> {
    let schema = &spec.schemas()[name];
    let key = schema["required"][0].as_str().ok_or_else(|| format!("{SOURCE}: {name} must require a field"))?;
    let mut code = Code::default();
    for (wire, property) in schema["properties"].as_object().into_iter().flatten() {
        match wire.as_str() {
            "provider_id" if name == ROOT => code.add_provider(),
            "settings" if name == ROOT => {}
            _ => field(spec, wire, property).iter().for_each(|field| code.add(field, wire == key)),
        }
    }
    let Code { members, last, places, reads, writes, keys, lets, values } = code;
    let (ident, about) = (format_ident!("{name}"), if name == ROOT { ABOUT_ROOT } else { "" });
    let about = doc(&format!("{}{about}", text(schema, "description")));
    let missing = format!("{name} needs `{key}`");
    Ok(quote! {
        #(#[doc = #about])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct #ident {
            #(#members)*
            #last
            #[doc = #TOLERANCE]
            pub extra: RawValues,
        }

        impl<'de> Deserialize<'de> for #ident {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #(let mut #places = Default::default();)*
                let extra = read_fields(deserializer, |field, value| match field {
                    #(#reads)*
                    _ => Some(value),
                })?;
                #(let #keys = #keys.ok_or_else(|| de::Error::custom(#missing))?;)*
                #(#lets)*
                Ok(Self { #(#values,)* extra })
            }
        }

        impl Serialize for #ident {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                #(#writes)*
                write_extra(&mut map, &self.extra)?;
                map.end()
            }
        }
    })
}

/// The parts of a struct's code, field by field.
#[derive(Default)]
struct Code {
    members: Vec<TokenStream>,
    /// Members after those of the document.
    last: TokenStream,
    /// Variables for what is read.
    places: Vec<Ident>,
    reads: Vec<TokenStream>,
    writes: Vec<TokenStream>,
    /// Variables that need a value.
    keys: Vec<Ident>,
    lets: Vec<TokenStream>,
    /// Fields of the constructed value.
    values: Vec<TokenStream>,
}

impl Code {
    fn add(&mut self, Field { wire, ident, kind, keep, description }: &Field, is_key: bool) {
        let renamed = if ident == wire { String::new() } else { format!(" `{wire}` in the JSON.") };
        let (about, place) = (doc(&format!("{description}{renamed}")), format_ident!("read_{ident}"));
        let kind = if is_key { quote!(#kind) } else { quote!(Option<#kind>) };
        self.members.push(quote! { #(#[doc = #about])* pub #ident: #kind, });
        self.reads.push(quote! { #wire => #keep(&mut #place, value), });
        self.writes.push(match is_key {
            true => quote! { map.serialize_entry(#wire, &self.#ident)?; },
            false => quote! { write_field(&mut map, #wire, &self.#ident)?; },
        });
        self.keys.extend(is_key.then(|| place.clone()));
        self.values.push(quote!(#ident: #place));
        self.places.push(place);
    }

    /// Adds the provider and its settings, which are two fields of a response, as one.
    fn add_provider(&mut self) {
        self.members.push(quote! {
            /// The provider and its settings.
            pub provider: Provider,
        });
        self.last = quote! {
            /// Settings that this version does not know.
            pub extra_settings: RawValues,
        };
        self.places.extend(["provider_id", "settings"].map(|name| format_ident!("{name}")));
        self.reads.push(quote! {
            "provider_id" => keep_id(&mut provider_id, value),
            "settings" => keep_settings(&mut settings, value),
        });
        self.lets.push(quote! {
            let (provider, extra_settings) = read_provider(provider_id.unwrap_or_default(), settings);
        });
        self.writes.push(quote! { write_provider(&mut map, &self.provider, &self.extra_settings)?; });
        self.values.extend([quote!(provider), quote!(extra_settings)]);
    }
}

/// A property that has a type of its own.
struct Field {
    wire: String,
    ident: Ident,
    kind: TokenStream,
    /// The function that keeps its value.
    keep: Ident,
    description: String,
}

/// A property as a field, unless its values are of any type, or secret: those stay with the unknown fields.
fn field(spec: &Spec, wire: &str, property: &Value) -> Option<Field> {
    let kind = kind(spec, property)?;
    // A description of a provider is larger than the rest of an integration.
    let is_nested = reference(property).is_some_and(|name| SCHEMAS.contains(&name));
    let keep = if wire == "id" || wire.ends_with("_id") { "keep_id" } else { "keep" };
    let referred = reference(property).map(|name| &spec.schemas()[name]);
    let mut description = [Some(property), referred].into_iter().flatten().map(|it| text(it, "description"));
    Some(Field {
        wire: wire.to_owned(),
        ident: ident(wire),
        kind: if is_nested { quote!(Box<#kind>) } else { kind },
        keep: format_ident!("{}", if property["type"] == "string" { keep } else { "keep" }),
        description: description.find(|it: &String| !it.is_empty()).unwrap_or_default(),
    })
}

/// The type of a property's values.
fn kind(spec: &Spec, property: &Value) -> Option<TokenStream> {
    if let Some(name) = reference(property) {
        let ident = format_ident!("{name}");
        let is_open = spec.open_enums().iter().any(|open| open.name == name);
        return (is_open || SCHEMAS.contains(&name)).then(|| quote!(#ident));
    }
    match property["type"].as_str()? {
        "string" if property["format"] == "password" => None,
        "string" => Some(quote!(String)),
        "boolean" => Some(quote!(bool)),
        "integer" => Some(quote!(i64)),
        "number" => Some(quote!(f64)),
        "array" => kind(spec, &property["items"]).map(|item| quote!(Vec<#item>)),
        _ => None,
    }
}

/// The name of a field in Rust.
fn ident(wire: &str) -> Ident {
    let name = match wire {
        "type" => "kind".to_owned(),
        // `provider` is that of the settings.
        "provider" => "provider_description".to_owned(),
        _ => wire.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect(),
    };
    let is_taken = ["extra", "extra_settings"].contains(&name.as_str()) || syn::parse_str::<Ident>(&name).is_err();
    if is_taken { format_ident!("{name}_") } else { format_ident!("{name}") }
}
