//! What the crate knows as data: providers with their settings, and paths.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::super::capitalized;
use super::super::spec::{Provider, Setting, Spec};

/// The settings as data, for checks and tools.
pub fn providers(spec: &Spec) -> syn::Item {
    let providers = spec.providers.iter().map(|p| {
        let Provider { id, schema, title, channel, description, .. } = p;
        let settings = p.settings.iter().map(setting);
        quote! {
            ::ocamba_hood::ProviderInfo {
                id: #id,
                type_name: #schema,
                title: #title,
                channel: #channel,
                description: #description,
                settings: &[#(#settings),*],
            }
        }
    });
    syn::parse_quote! {
        /// The providers of the document, in its order.
        pub static PROVIDERS: &[::ocamba_hood::ProviderInfo] = &[#(#providers),*];
    }
}

/// The path of each operation, with the names of its parameters: traces distinguish requests by it.
pub fn paths(spec: &Spec) -> syn::Item {
    let all = spec.operations_and_paths().map(|(operation, path)| {
        let snake: String = operation
            .chars()
            .flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain(c.to_lowercase()))
            .collect();
        quote!((#snake, #path))
    });
    syn::parse_quote! {
        /// The path of each operation, with the names of its parameters.
        pub static PATHS: &[(&str, &str)] = &[#(#all),*];
    }
}

fn setting(setting: &Setting) -> TokenStream {
    let Setting { name, required, secret, one_of, description, .. } = setting;
    let kind = format_ident!("{}", capitalized(&setting.kind));
    let min = setting.min_length.unwrap_or(0) as usize;
    let max = setting.max_length.map_or(quote!(usize::MAX), |n| {
        let n = n as usize;
        quote!(#n)
    });
    quote! {
        ::ocamba_hood::SettingInfo {
            name: #name,
            kind: ::ocamba_hood::SettingKind::#kind,
            required: #required,
            secret: #secret,
            min_length: #min,
            max_length: #max,
            one_of: &[#(#one_of),*],
            description: #description,
        }
    }
}
