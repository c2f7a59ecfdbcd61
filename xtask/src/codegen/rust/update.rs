//! The types of an update: a provider's settings again, each optional.

use proc_macro2::Ident;
use quote::{format_ident, quote};

use super::super::spec::{Provider, Spec};

/// The name of a provider's update, from the name of its settings.
pub fn name(settings: &str) -> Ident {
    format_ident!("{settings}Update")
}

/// The struct of a provider's update, from the struct of its settings.
pub fn settings(provider: &Provider, found: &syn::ItemStruct) -> syn::Item {
    let name = name(&provider.schema);
    let about = format!(" Changes to the settings of {}. Omitted settings keep their values.", provider.title);
    let fields = found.fields.iter().map(|field| {
        let (ident, ty) = (&field.ident, without_option(&field.ty));
        let kept = field.attrs.iter().filter(|a| a.path().is_ident("doc"));
        let wire = super::wire_name(field);
        let renamed = (ident.as_ref().is_some_and(|i| *i != wire)).then(|| quote!(rename = #wire,));
        quote! {
            #(#kept)*
            #[serde(#renamed skip_serializing_if = "::ocamba_hood::FieldUpdate::is_keep")]
            pub #ident: ::ocamba_hood::FieldUpdate<#ty>
        }
    });
    let example = example(provider, found, &name);
    syn::parse_quote! {
        #[doc = #about]
        #(#[doc = #example])*
        #[derive(::serde::Serialize, Clone, Debug, Default, PartialEq)]
        pub struct #name { #(#fields),* }
    }
}

/// `SettingsUpdate`: the update of any provider.
pub fn union(spec: &Spec) -> Vec<syn::Item> {
    let variants: Vec<_> = spec.providers.iter().map(|p| format_ident!("{}", p.schema)).collect();
    let updates: Vec<_> = spec.providers.iter().map(|p| name(&p.schema)).collect();
    let ids: Vec<_> = spec.providers.iter().map(|p| &p.id).collect();
    let titles = spec.providers.iter().map(|p| format!(" Settings of {}.", p.title));
    let mut items: Vec<syn::Item> = vec![
        syn::parse_quote! {
            /// Changes to a provider's settings.
            #[derive(::serde::Serialize, Clone, Debug, PartialEq)]
            #[serde(untagged)]
            #[non_exhaustive]
            pub enum SettingsUpdate {
                #(#[doc = #titles] #variants(#updates),)*
                /// Settings of a provider that this version does not know, sent unchanged.
                Unknown(::ocamba_hood::RawValues),
            }
        },
        syn::parse_quote! {
            impl SettingsUpdate {
                /// The provider's id, if this version knows it. Not sent.
                pub fn provider_id(&self) -> Option<&'static str> {
                    match self {
                        #(Self::#variants(_) => Some(#ids),)*
                        Self::Unknown(_) => None,
                    }
                }
            }
        },
    ];
    items.extend(variants.iter().zip(&updates).map(|(variant, update)| -> syn::Item {
        syn::parse_quote! {
            impl From<#update> for SettingsUpdate {
                fn from(update: #update) -> Self {
                    Self::#variant(update)
                }
            }
        }
    }));
    items
}

/// A doc example that changes the first setting of type string.
fn example(provider: &Provider, found: &syn::ItemStruct, name: &Ident) -> Vec<String> {
    let texts = found.fields.iter().zip(&provider.settings).find(|(_, setting)| setting.kind == "string");
    let Some((field, setting)) = texts else { return Vec::new() };
    let value = provider.request["settings"][&setting.name].as_str().unwrap_or("new");
    super::doc(&format!(
        "\n```\nuse ocamba_hood::{{UpdateIntegration, {name}}};\n\n\
        let settings = {name} {{ {}: {value:?}.into(), ..Default::default() }};\n\
        let update = UpdateIntegration::new().settings(settings);\n```",
        super::ident(field),
    ))
}

fn without_option(ty: &syn::Type) -> &syn::Type {
    if let syn::Type::Path(path) = ty
        && let Some(last) = path.path.segments.last()
        && last.ident == "Option"
        && let syn::PathArguments::AngleBracketed(arguments) = &last.arguments
        && let Some(syn::GenericArgument::Type(inner)) = arguments.args.first()
    {
        return inner;
    }
    ty
}
