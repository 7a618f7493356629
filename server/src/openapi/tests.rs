use std::path::PathBuf;

use super::*;

fn committed(document: Document, version: Version) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("../openapi").join(document.file(version))
}

fn parsed(document: Document, version: Version) -> Value {
    serde_json::from_str(&document.render(version, LOCAL_SERVER)).unwrap()
}

/// After a change that is meant, `scripts/openapi` writes them again.
#[test]
fn the_committed_documents_are_current() {
    for (document, version) in Document::files() {
        let path = committed(document, version);
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        let is_current = committed == document.render(version, LOCAL_SERVER);
        assert!(
            is_current,
            "{} is stale: run scripts/openapi",
            path.display()
        );
    }
}

#[test]
fn every_operation_is_told_in_full() {
    for (document, version) in Document::files() {
        let document = parsed(document, version);
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                for member in ["operationId", "summary", "description", "tags", "security"] {
                    assert!(
                        !operation[member].is_null(),
                        "{method} {path} has no {member}"
                    );
                }
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let description = response["description"].as_str();
                    assert!(
                        description.is_some_and(|text| text.ends_with('.')),
                        "{method} {path} {status}"
                    );
                }
            }
        }
    }
}

#[test]
fn nothing_of_the_frameworks_spelling_is_left() {
    for (document, version) in Document::files() {
        let text = document.render(version, LOCAL_SERVER);
        for odd in [
            "charset=utf-8",
            "uint32",
            "uint64",
            "SET-COOKIE",
            "\"minimum\": 1.0",
        ] {
            assert!(!text.contains(odd), "{document} {version:?} holds {odd}");
        }
        assert!(!text.contains("\"nullable\"") || version == Version::V30);
    }
}

#[test]
fn requests_take_no_unknown_field_and_say_so() {
    let schema = |document, name: &str| {
        parsed(document, Version::V30)["components"]["schemas"][name]["additionalProperties"]
            .clone()
    };
    for name in [
        "NonceRequest",
        "SiweRequest",
        "ChallengeRequest",
        "VerifyRequest",
        "NewApiKey",
    ] {
        assert_eq!(schema(Document::Ocx, name), json!(false), "{name}");
    }
    for name in ["ChallengeRequest", "MintKeyRequest"] {
        assert_eq!(schema(Document::Aura, name), json!(false), "{name}");
    }
}
