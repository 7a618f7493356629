//! Every answer of every test must be one that the published documents tell of.

use std::sync::LazyLock;

use serde_json::Value;

use crate::Answer;

static DOCUMENTS: LazyLock<[Value; 2]> = LazyLock::new(|| {
    [
        include_str!("../../openapi/ocx.json"),
        include_str!("../../openapi/aura.json"),
    ]
    .map(|text| serde_json::from_str(text).expect("the documents are JSON"))
});

/// Panics when an operation answered with a status or code that its document does not have.
pub(crate) fn assert_told(method: &str, path: &str, answer: &Answer) {
    let Some(operation) = operation(&method.to_lowercase(), path) else {
        return;
    };
    let responses = &operation["responses"];
    let response = &responses[answer.status.to_string()];
    assert!(
        response.is_object(),
        "{method} {path} answered a status that its document does not tell of: {answer:?}"
    );
    for (name, _) in response["headers"].as_object().into_iter().flatten() {
        assert_ne!(
            answer.header(name),
            "",
            "{method} {path} without {name}: {answer:?}"
        );
    }
    let examples = &response["content"]["application/json"]["examples"];
    if let Some(examples) = examples.as_object() {
        let body = answer.json();
        let code = body["code"].as_str().or(body["error"]["code"].as_str());
        assert!(
            code.is_some_and(|code| examples.contains_key(code)),
            "{method} {path} answered a code that its document does not tell of: {answer:?}"
        );
    }
}

fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let path = path.split('?').next()?;
    let paths = DOCUMENTS
        .iter()
        .filter_map(|document| document["paths"].as_object());
    let fitting = paths.flatten().find(|(template, _)| fits(template, path))?;
    fitting.1.get(method)
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    let fits = |(expected, segment): (&str, &str)| expected.starts_with('{') || expected == segment;
    template.clone().count() == path.clone().count() && template.zip(path).all(fits)
}
