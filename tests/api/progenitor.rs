//! Rust clients are generated from the published documents by progenitor, which reads 3.0 only.

use std::collections::BTreeSet;

use openapiv3::OpenAPI;
use progenitor_impl::Generator;
use syn::{File, ImplItem, Item, Type};

#[test]
fn a_rust_client_of_ocx_has_all_operations() {
    assert_eq!(
        operations("ocx.json"),
        names([
            "create_api_key",
            "get_me",
            "issue_challenge",
            "issue_nonce",
            "list_api_keys",
            "list_chains",
            "log_out",
            "revoke_api_key",
            "sign_in_with_ethereum",
            "verify_challenge",
        ])
    );
}

#[test]
fn a_rust_client_of_aura_has_all_operations() {
    assert_eq!(
        operations("aura.json"),
        names(["issue_challenge", "list_keys", "mint_key", "revoke_key"])
    );
}

/// The methods of the client that is generated from a document.
fn operations(document: &str) -> BTreeSet<String> {
    let path = format!("{}/../openapi/{document}", env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read(path).expect("it is committed");
    let document: OpenAPI = serde_json::from_slice(&document).expect("OpenAPI 3.0");
    let tokens = Generator::default()
        .generate_tokens(&document)
        .expect("progenitor accepts the document");
    let client: File = syn::parse2(tokens).expect("the client is Rust");
    let methods = client.items.iter().flat_map(methods_of_client);
    let all: BTreeSet<String> = methods.collect();
    // What every client has, whatever the document.
    all.into_iter()
        .filter(|name| !name.starts_with("new"))
        .collect()
}

fn methods_of_client(item: &Item) -> Vec<String> {
    let Item::Impl(item) = item else {
        return Vec::new();
    };
    let is_client = matches!(&*item.self_ty, Type::Path(path) if path.path.is_ident("Client"));
    if !is_client || item.trait_.is_some() {
        return Vec::new();
    }
    let methods = item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
        _ => None,
    });
    methods.collect()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}
