//! The renderer: the parser's inverse.

use super::Fields;

pub(super) fn render(fields: &Fields) -> String {
    let mut text = String::new();
    if let Some(scheme) = &fields.scheme {
        text += &format!("{scheme}://");
    }
    text += &format!(
        "{} wants you to sign in with your {} account:\n",
        fields.domain, fields.chain_name
    );
    text += &format!("{}\n\n", fields.address);
    if let Some(statement) = &fields.statement {
        text += &format!("{statement}\n");
    }
    text += &format!(
        "\nURI: {}\nVersion: 1\nChain ID: {}\n",
        fields.uri, fields.chain_id
    );
    text += &format!("Nonce: {}\nIssued At: {}", fields.nonce, fields.issued_at);
    let optional = [
        ("Expiration Time", &fields.expiration_time),
        ("Not Before", &fields.not_before),
        ("Request ID", &fields.request_id),
    ];
    for (label, value) in optional {
        if let Some(value) = value {
            text += &format!("\n{label}: {value}");
        }
    }
    if let Some(resources) = &fields.resources {
        text += "\nResources:";
        text.extend(resources.iter().map(|uri| format!("\n- {uri}")));
    }
    text
}
