//! The one way a request body is read: JSON without duplicate keys, unknown keys, NUL, missing
//! fields or wrong types. A refusal names the field and what was expected, never what was sent.

use std::{
    any::TypeId,
    cell::RefCell,
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock, RwLock},
};

use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaRequest, Registry},
    types::{ParseFromJSON, Type},
};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{
    fault::{Fault, pointer},
    payload,
    shape::Shape,
};

const CONTENT_TYPE: &str = "application/json";

/// A JSON body that satisfies the published schema of `T`.
#[derive(Debug)]
pub(crate) struct StrictJson<T>(pub T);

impl<'a, T: ParseFromJSON + 'static> ApiExtractor<'a> for StrictJson<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(payload::required::<T>(CONTENT_TYPE))
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        payload::check_content_type(request, CONTENT_TYPE)?;
        let bytes = body.take()?.into_bytes().await?;
        let value = parse(&bytes)?;
        shape_of::<T>().check(&value)?;
        // The shape was checked, so only a rule that is not in the schema could refuse now.
        let parsed = T::parse_from_json(Some(value))
            .map_err(|_| Fault::invalid_request("", "the fields of the schema"))?;
        Ok(Self(parsed))
    }
}

/// Reads a body that may be any JSON object.
///
/// # Errors
/// [`Fault::UnsupportedMediaType`], [`Fault::InvalidRequest`].
pub(crate) async fn read_object(request: &mut Request) -> Result<Map<String, Value>> {
    payload::check_content_type(request, CONTENT_TYPE)?;
    let bytes = request.take_body().into_bytes().await?;
    match parse(&bytes)? {
        Value::Object(object) => Ok(object),
        _ => Err(Fault::invalid_request("", "a JSON object").into()),
    }
}

/// The shape of a type, worked out once.
fn shape_of<T: Type + 'static>() -> Arc<Shape> {
    static SHAPES: LazyLock<RwLock<HashMap<TypeId, Arc<Shape>>>> = LazyLock::new(RwLock::default);
    let known = SHAPES
        .read()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .get(&TypeId::of::<T>())
        .cloned();
    known.unwrap_or_else(|| {
        let mut registry = Registry::new();
        T::register(&mut registry);
        let shape = Arc::new(Shape::of(&T::schema_ref(), &registry));
        SHAPES
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(TypeId::of::<T>(), shape.clone());
        shape
    })
}

/// Reads JSON, refusing what two parsers could read differently.
fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| Fault::invalid_request("", "JSON in UTF-8"))?;
    if text.trim().is_empty() {
        return Err(Fault::invalid_request("", "a JSON body"));
    }
    let fault = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Strict {
        step: Step::Root,
        parent: None,
        fault: &fault,
    }
    .deserialize(&mut reader)
    .and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let syntax = || {
            Fault::invalid_request(
                "",
                format!(
                    "valid JSON; it ends being that at line {}, column {}",
                    error.line(),
                    error.column()
                ),
            )
        };
        fault.take().unwrap_or_else(syntax)
    })
}

/// Longest field name that is read; longer ones are no fields of ours.
const LONGEST_NAME: usize = 64;

/// Reads one value, knowing where it stands. The pointer is written down only for a refusal.
/// serde's errors are text, so the fault is set aside.
struct Strict<'a> {
    step: Step<'a>,
    parent: Option<&'a Strict<'a>>,
    fault: &'a RefCell<Option<Fault>>,
}

/// The last step of a pointer.
enum Step<'a> {
    Root,
    Field(&'a str),
    Item(usize),
}

impl Strict<'_> {
    fn child<'a>(&'a self, step: Step<'a>) -> Strict<'a> {
        Strict {
            step,
            parent: Some(self),
            fault: self.fault,
        }
    }

    fn pointer(&self) -> String {
        let parent = self.parent.map(Strict::pointer).unwrap_or_default();
        match self.step {
            Step::Root => parent,
            Step::Field(name) => pointer(&parent, name),
            Step::Item(index) => pointer(&parent, &index.to_string()),
        }
    }

    fn refuse<E: serde::de::Error>(&self, expected: &str) -> E {
        self.fault
            .replace(Some(Fault::invalid_request(self.pointer(), expected)));
        E::custom("refused")
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
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

    /// `365.0` is the whole number 365 (JSON Schema 2020-12 §6.1.1).
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if value.fract() == 0.0 && value.abs() <= EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
            return Ok((value as i64).into());
        }
        Ok(value.into())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        if value.contains('\0') {
            return Err(self.refuse("text without the character NUL"));
        }
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.child(Step::Item(list.len())))? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key.contains('\0') {
                return Err(self.refuse("field names without the character NUL"));
            }
            if key.len() > LONGEST_NAME {
                return Err(self.refuse("field names of at most 64 bytes"));
            }
            if object.contains_key(&key) {
                return Err(self.child(Step::Field(&key)).refuse("each field once"));
            }
            let value = entries.next_value_seed(self.child(Step::Field(&key)))?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use poem_openapi::Object;

    use super::*;

    /// A key may be signed for.
    #[derive(Debug, Object)]
    #[oai(deny_unknown_fields)]
    struct Sample {
        #[oai(validator(min_length = 1, max_length = 5))]
        name: String,
        #[oai(skip_serializing_if_is_none, validator(max_length = 3))]
        kind: Option<String>,
    }

    fn answer(body: &[u8]) -> Result<Value, (String, String)> {
        let checked =
            parse(body).and_then(|value| shape_of::<Sample>().check(&value).map(|()| value));
        checked.map_err(|fault| match fault {
            Fault::InvalidRequest { pointer, expected } => (pointer, expected),
            other => panic!("{other:?}"),
        })
    }

    fn pointer(body: &str) -> String {
        answer(body.as_bytes()).expect_err(body).0
    }

    #[test]
    fn a_body_of_the_right_shape_is_read() {
        assert!(answer(br#"{"name": "a", "kind": "b"}"#).is_ok());
        assert!(answer(br#" {"name": "\u00e9"} "#).is_ok());
    }

    #[test]
    fn a_refusal_points_at_the_field() {
        for (body, expected) in [
            (r#"{"name": "a", "name": "b"}"#, "/name"),
            (r#"{"name": "a", "other": 1}"#, "/other"),
            (r#"{"name": "a", "a/b~": 1}"#, "/a~1b~0"),
            (r#"{}"#, "/name"),
            (r#"{"name": 1}"#, "/name"),
            (r#"{"name": null}"#, "/name"),
            (r#"{"name": ""}"#, "/name"),
            (r#"{"name": "abcdef"}"#, "/name"),
            (r#"{"name": "a\u0000"}"#, "/name"),
            (r#"{"name\u0000": "a"}"#, ""),
            (r#"{"name": "a", "kind": "long"}"#, "/kind"),
            (r#"{"name": "a", "kind": null}"#, "/kind"),
            (r#"[]"#, ""),
            (r#""text""#, ""),
            (r#"null"#, ""),
            (r#""#, ""),
            (r#"{"name": "a"} {}"#, ""),
            (r#"{"name": "a",}"#, ""),
            (r#"{"name": "\ud800"}"#, ""),
        ] {
            assert_eq!(pointer(body), expected, "{body}");
        }
    }

    #[test]
    fn deep_nesting_is_refused_without_a_crash() {
        assert_eq!(pointer(&"[".repeat(100_000)), "");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_refused() {
        assert_eq!(
            answer(b"{\"name\": \"\xff\"}").unwrap_err().1,
            "JSON in UTF-8"
        );
    }

    #[test]
    fn the_clients_value_is_never_echoed() {
        let (_, expected) = answer(br#"{"name": "secret-value"}"#).unwrap_err();
        assert_eq!(expected, "a string of 1 to 5 characters");
    }

    #[test]
    fn only_json_in_utf8_is_json() {
        for (content_type, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json; charset=latin1", false),
            ("application/jsonp", false),
            ("application/x-www-form-urlencoded", false),
            ("text/plain", false),
        ] {
            assert_eq!(
                payload::is_content_type(content_type, CONTENT_TYPE),
                expected,
                "{content_type}"
            );
        }
    }
}
