//! Client data: the JSON in which a browser tells the authenticator who asks for what.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The origin that asked, where this is client data of an assertion for this challenge.
pub(super) fn origin(client_data: &[u8], challenge: &str) -> Option<String> {
    let text = str::from_utf8(client_data).ok()?;
    let Unambiguous(client_data) = serde_json::from_str(text).ok()?;
    let is_assertion = client_data.get("type")? == "webauthn.get" && text.contains(TYPE);
    let is_for_challenge = client_data.get("challenge")? == challenge;
    // In a frame of another site the user sees that site, which is none of ours.
    let is_in_own_page = client_data
        .get("crossOrigin")
        .is_none_or(|member| *member == false);
    if !is_assertion || !is_for_challenge || !is_in_own_page {
        return None;
    }
    client_data.get("origin")?.as_str().map(str::to_owned)
}

/// What the node looks for, in this spelling.
const TYPE: &str = r#""type":"webauthn.get""#;

/// JSON in which no object names a member twice: of two, one parser takes the first and another
/// the last. The same text under another escape is the same name.
struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UnambiguousVisitor).map(Self)
    }
}

struct UnambiguousVisitor;

impl<'de> Visitor<'de> for UnambiguousVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Unambiguous(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Unambiguous(member))) = members.next_entry()? {
            if object.insert(name, member).is_some() {
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = "DOu7_RLThQC_mxsAtghzmqgj2StMTZbxrUtBHZ44lVs";
    const ORIGIN: &str = "https://wallet.example";

    /// With the challenge in place of `CHALLENGE`.
    fn check(json: &str, is_accepted: bool) {
        let json = json.replace("CHALLENGE", CHALLENGE);
        let expected = is_accepted.then(|| ORIGIN.to_owned());
        assert_eq!(origin(json.as_bytes(), CHALLENGE), expected, "{json}");
    }

    #[test]
    fn members_may_come_in_any_order_and_with_others() {
        for json in [
            r#"{"type":"webauthn.get","challenge":"CHALLENGE","origin":"https://wallet.example"}"#,
            r#"{"origin":"https://wallet.example","challenge":"CHALLENGE","type":"webauthn.get"}"#,
            r#" { "challenge": "CHALLENGE", "type":"webauthn.get", "origin": "https:\/\/wallet.example" } "#,
            r#"{"type":"webauthn.get","challenge":"CHALLENGE","origin":"https://wallet.example",
                "crossOrigin":false,"tokenBinding":{"status":"supported"},
                "other_keys_can_be_added_here":[1,-1,1.5,null,true,"é"]}"#,
        ] {
            check(json, true);
        }
    }

    #[test]
    fn another_type_challenge_or_frame_is_refused() {
        for json in [
            r#"{"type":"webauthn.create","challenge":"CHALLENGE","origin":"https://wallet.example"}"#,
            r#"{"type":"webauthn.create","challenge":"CHALLENGE","origin":"https://wallet.example","x":{"type":"webauthn.get"}}"#,
            r#"{"type": "webauthn.get","challenge":"CHALLENGE","origin":"https://wallet.example"}"#,
            r#"{"type":["webauthn.get"],"challenge":"CHALLENGE","origin":"https://wallet.example"}"#,
            r#"{"challenge":"CHALLENGE","origin":"https://wallet.example"}"#,
            r#"{"type":"webauthn.get","challenge":"other","origin":"https://wallet.example","x":"CHALLENGE"}"#,
            r#"{"type":"webauthn.get","challenge":"CHALLENGE=","origin":"https://wallet.example"}"#,
            r#"{"type":"webauthn.get","challenge":"aCHALLENGE","origin":"https://wallet.example"}"#,
            r#"{"type":"webauthn.get","origin":"https://wallet.example","x":"CHALLENGE"}"#,
            r#"{"type":"webauthn.get","challenge":"CHALLENGE","origin":"https://wallet.example","crossOrigin":true}"#,
            r#"{"type":"webauthn.get","challenge":"CHALLENGE","origin":"https://wallet.example","crossOrigin":null}"#,
            r#"{"type":"webauthn.get","challenge":"CHALLENGE","origin":["https://wallet.example"]}"#,
            r#"{"type":"webauthn.get","challenge":"CHALLENGE"}"#,
        ] {
            check(json, false);
        }
    }

    #[test]
    fn a_member_named_twice_is_refused_wherever_it_is() {
        let rest = r#""challenge":"CHALLENGE","origin":"https://wallet.example"}"#;
        for first in [
            r#""type":"webauthn.get","type":"webauthn.get""#,
            r#""type":"webauthn.create","type":"webauthn.get""#,
            r#""type":"webauthn.create","typ\u0065":"webauthn.get","x":{"type":"webauthn.get"}"#,
            r#""type":"webauthn.get","challenge":"other""#,
            r#""type":"webauthn.get","origin":"https://evil.example""#,
            r#""type":"webauthn.get","x":1,"x":1"#,
            r#""type":"webauthn.get","x":[{"y":1,"y":1}]"#,
        ] {
            check(&format!("{{{first},{rest}"), false);
        }
    }

    #[test]
    fn what_is_no_single_json_object_is_refused() {
        let json =
            r#"{"type":"webauthn.get","challenge":"CHALLENGE","origin":"https://wallet.example"}"#;
        check(json, true);
        check("", false);
        check(
            r#"["webauthn.get","CHALLENGE","https://wallet.example"]"#,
            false,
        );
        check(&format!("[{json}]"), false);
        check(&format!("{json}{json}"), false);
        check(&format!("{json}\0"), false);
        check(&format!("\u{feff}{json}"), false);
        check(&json.replace('}', ",}"), false);
        check(
            &json.replace('}', &format!(r#","x":{}}}"#, "[".repeat(4000))),
            false,
        );
        let latin = [json.replace('}', r#","x":""#).as_bytes(), b"\xe9\"}"].concat();
        assert_eq!(origin(&latin, "CHALLENGE"), None);
    }
}
