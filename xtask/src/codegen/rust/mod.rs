//! `crates/hood/src/model/generated.rs`: progenitor's client and types, in natural Rust.
//!
//! First the document is *lowered* to what progenitor renders well (without constraints, which the crate checks, without
//! replaced schemas, and with a union of providers in place of that of requests). Then the result is *raised*: providers get their names, unknown providers get a variant,
//! and a table of the settings is added.

use proc_macro2::{TokenStream, TokenTree};
use progenitor::{GenerationSettings, Generator, HooksMode, TypeImpl};
use quote::{ToTokens, format_ident, quote};
use serde_json::{Value, json};

use self::lower::{BODIES, lower};
use super::spec::{Provider, SOURCE, Setting, Spec};
use crate::Result;

mod lower;
mod results;
mod table;
mod update;

pub use results::generate as results;

/// Type of a request body.
const CHECKED_JSON: &str = "::serde_json::value::RawValue";
/// Receives each request and the name of its operation: the client does not send requests.
const REQUEST_SLOT: &str = "::std::sync::Arc<::std::sync::OnceLock<(::reqwest::Request, &'static str)>>";

/// The file's text.
pub fn generate(spec: &Spec, banner: &str) -> Result<String> {
    let document = serde_json::from_value(lower(spec))?;
    let mut settings = GenerationSettings::new();
    settings
        .with_hooks(HooksMode::Expected)
        .with_inner_type(REQUEST_SLOT.parse()?)
        .with_derive("PartialEq")
        .with_conversion(
            serde_json::from_value(json!({ "type": "string", "format": "password" }))?,
            "::ocamba_hood::Secret",
            [TypeImpl::Default].into_iter(),
        );
    for schema in BODIES {
        settings.with_replacement(schema, CHECKED_JSON, [].into_iter());
    }
    for open in spec.open_enums() {
        settings.with_replacement(&open.name, format!("::ocamba_hood::{}", open.name), [].into_iter());
    }
    let tokens = Generator::new(&settings)
        .generate_tokens(&document)
        .map_err(|e| format!("progenitor rejected {SOURCE}: {e}"))?;
    let mut file: syn::File = syn::parse2(rename_variants(tokens, spec))?;
    raise(&mut file, spec)?;
    Ok(format!("// {banner}\n\n{}", prettyplease::unparse(&file)))
}

/// Renames variants from the value of `provider_id` (`X1000`) to the name of their settings.
fn rename_variants(tokens: TokenStream, spec: &Spec) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut renamed = proc_macro2::Group::new(group.delimiter(), rename_variants(group.stream(), spec));
                renamed.set_span(group.span());
                renamed.into()
            }
            TokenTree::Ident(ident) => {
                let provider = spec.providers.iter().find(|p| ident == format!("X{}", p.id));
                provider.map_or(ident.clone(), |p| format_ident!("{}", p.schema)).into()
            }
            other => other,
        })
        .collect()
}

/// Adds what progenitor cannot express, and checks that each secret kept its type.
fn raise(file: &mut syn::File, spec: &Spec) -> Result {
    let types = file
        .items
        .iter_mut()
        .find_map(|item| match item {
            syn::Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
            _ => None,
        })
        .map(|(_, items)| items)
        .ok_or("progenitor wrote no module `types`")?;
    let mut updates = Vec::new();
    for item in types.iter_mut() {
        match item {
            syn::Item::Struct(found) => {
                if let Some(index) = spec.providers.iter().position(|p| found.ident == p.schema) {
                    let other = &spec.providers[(index + 1) % spec.providers.len()];
                    raise_settings(found, &spec.providers[index], other)?;
                    updates.push(update::settings(&spec.providers[index], found));
                }
            }
            syn::Item::Enum(found) if found.ident == "Provider" => raise_union(found),
            _ => {}
        }
    }
    types.push(provider_methods(spec));
    types.extend(updates);
    types.extend(update::union(spec));
    types.extend(spec.open_enums().iter().map(open_enum));
    file.items.extend([table::providers(spec), table::paths(spec), exports(spec)]);
    Ok(())
}

/// Sorts the fields in the document's order, and adds two doc examples: one that compiles, and one that does not, with
/// another provider's settings.
fn raise_settings(found: &mut syn::ItemStruct, provider: &Provider, other: &Provider) -> Result {
    let syn::Fields::Named(fields) = &mut found.fields else {
        return Err(format!("progenitor wrote no struct with named fields for the schema {}", provider.schema).into());
    };
    let mut sorted = Vec::new();
    for setting in &provider.settings {
        let named = |f: &&syn::Field| wire_name(f) == setting.name;
        let field = fields
            .named
            .iter()
            .find(named)
            .ok_or_else(|| format!("progenitor lost the field {} of {}", setting.name, provider.schema))?;
        let kind = field.ty.to_token_stream().to_string().replace(' ', "");
        if setting.secret && !kind.contains("::ocamba_hood::Secret") {
            return Err(format!(
                "{SOURCE}: {}.{} has `format: password` but became `{kind}`, not `Secret`: it would be printed in full",
                provider.schema, setting.name
            )
            .into());
        }
        sorted.push(field.clone());
    }
    fields.named = sorted.into_iter().collect();
    for line in settings_example(provider, found).into_iter().chain(refused_example(provider, other)) {
        found.attrs.push(syn::parse_quote!(#[doc = #line]));
    }
    Ok(())
}

/// The name on the wire: the one of `serde(rename)`, or the field's own.
fn wire_name(field: &syn::Field) -> String {
    let mut name = ident(field);
    for attribute in field.attrs.iter().filter(|a| a.path().is_ident("serde")) {
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = meta.value()?.parse::<syn::LitStr>()?.value();
            } else if let Ok(value) = meta.value() {
                value.parse::<syn::Expr>()?;
            }
            Ok(())
        });
    }
    name
}

/// A doc example with the settings of the provider's example request.
fn settings_example(provider: &Provider, found: &syn::ItemStruct) -> Vec<String> {
    let Provider { id, schema, request, .. } = provider;
    let fields = found.fields.iter().zip(&provider.settings);
    let fields: String =
        fields.map(|(field, it)| format!("        {}: {},\n", ident(field), example_value(provider, it))).collect();
    doc(&format!(
        "\n```\nuse ocamba_hood::{{NewIntegration, {schema}}};\n\nlet request = NewIntegration::new(\n    {},\n\
        \x20   {schema} {{\n{fields}    }},\n);\nassert_eq!(request.provider.id(), {id:?});\n```",
        request["name"],
    ))
}

/// A setting of the example request, as an expression.
pub fn example_value(provider: &Provider, setting: &Setting) -> String {
    match (literal(&provider.request["settings"][&setting.name]), setting.required) {
        (Some(value), true) => value,
        (Some(value), false) => format!("Some({value})"),
        (None, _) => "None".to_owned(),
    }
}

/// A value as an expression, unless it is null.
pub fn literal(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(format!("{text:?}.into()")),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// A doc example that must not compile: a provider with another provider's settings.
fn refused_example(provider: &Provider, other: &Provider) -> Vec<String> {
    let (variant, settings) = (&provider.schema, &other.schema);
    doc(&format!(
        "\nAnother provider's settings do not compile:\n\n```compile_fail,E0308\n\
        fn refused(settings: ocamba_hood::{settings}) -> ocamba_hood::Provider {{\n\
        \x20   ocamba_hood::Provider::{variant}(settings)\n}}\n```"
    ))
}

/// The lines of a doc comment.
fn doc(text: &str) -> Vec<String> {
    text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") }).collect()
}

fn ident(field: &syn::Field) -> String {
    field.ident.as_ref().map(ToString::to_string).unwrap_or_default()
}

/// Adds the variant of unknown providers.
fn raise_union(found: &mut syn::ItemEnum) {
    found.attrs.push(syn::parse_quote!(#[non_exhaustive]));
    found.variants.push(syn::parse_quote! {
        /// A provider or settings that this version does not know, kept and written unchanged.
        #[serde(untagged)]
        Unknown {
            /// The provider's id.
            provider_id: ::std::string::String,
            /// Its settings, unchecked.
            #[serde(default)]
            settings: ::ocamba_hood::RawValues,
        }
    });
}

fn provider_methods(spec: &Spec) -> syn::Item {
    let variants: Vec<_> = spec.providers.iter().map(|p| format_ident!("{}", p.schema)).collect();
    let ids: Vec<_> = spec.providers.iter().map(|p| &p.id).collect();
    syn::parse_quote! {
        impl Provider {
            /// The provider's id: `provider_id` on the wire.
            pub fn id(&self) -> &str {
                match self {
                    #(Self::#variants(_) => #ids,)*
                    Self::Unknown { provider_id, .. } => provider_id,
                }
            }

            /// Reads a provider of this version from settings that were checked; `None` for another provider.
            pub(crate) fn known(id: &str, settings: &::serde_json::Value) -> Option<::serde_json::Result<Self>> {
                Some(match id {
                    #(#ids => ::serde::Deserialize::deserialize(settings).map(Self::#variants),)*
                    _ => return None,
                })
            }
        }
    }
}

/// The public types.
fn exports(spec: &Spec) -> syn::Item {
    let settings = spec.providers.iter().map(|p| format_ident!("{}", p.schema));
    let updates = spec.providers.iter().map(|p| update::name(&p.schema));
    let open = spec.open_enums().into_iter().map(|e| format_ident!("{}", e.name));
    syn::parse_quote! {
        /// The public types.
        pub mod exports {
            pub use super::types::{Provider, SettingsUpdate, #(#settings,)* #(#updates,)* #(#open),*};
        }
    }
}

fn open_enum(open: &super::spec::OpenEnum) -> syn::Item {
    let (name, description) = (format_ident!("{}", open.name), format!(" {}", open.description));
    let variants = open.known.iter().map(|value| {
        let (variant, doc) = (format_ident!("{}", super::capitalized(value)), format!(" `{value}`"));
        quote!(#[doc = #doc] #variant = #value)
    });
    syn::parse_quote! {
        crate::model::open_enum::open_enum! {
            #[doc = #description]
            pub enum #name { #(#variants),* }
        }
    }
}
