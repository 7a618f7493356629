//! The shape a body must have, taken from the schema that is published for it, so that the
//! document and the check cannot drift apart.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use regex::Regex;
use serde_json::{Map, Value};

use super::fault::Fault;

/// What a value must be.
#[derive(Debug)]
pub enum Shape {
    /// An object with these fields and no others.
    Object(Vec<Field>),
    /// A string.
    String {
        /// Fewest characters.
        min_length: usize,
        /// Most characters.
        max_length: Option<usize>,
        /// What it must match.
        pattern: Option<Regex>,
    },
}

/// A field of an object.
#[derive(Debug)]
pub struct Field {
    name: &'static str,
    is_required: bool,
    shape: Shape,
}

impl Shape {
    /// Reads a published schema.
    ///
    /// # Panics
    /// On a kind of schema that no request uses yet: it is met when the server starts to use it, in every test.
    pub fn of(schema: &MetaSchemaRef, registry: &Registry) -> Self {
        let schema = match schema {
            MetaSchemaRef::Inline(schema) => schema,
            MetaSchemaRef::Reference(name) => &registry.schemas[name],
        };
        match schema.ty {
            "object" => Self::Object(fields(schema, registry)),
            "string" => Self::String {
                min_length: schema.min_length.unwrap_or(0),
                max_length: schema.max_length,
                pattern: schema
                    .pattern
                    .as_deref()
                    .map(|pattern| Regex::new(pattern).expect("patterns in schemas are valid")),
            },
            other => panic!("requests have no field of type {other:?} yet"),
        }
    }

    /// Compares a value with the shape.
    ///
    /// # Errors
    /// [`Fault::InvalidRequest`] for the first field that differs.
    pub fn check(&self, value: &Value) -> Result<(), Fault> {
        self.check_at("", value)
    }

    fn check_at(&self, pointer: &str, value: &Value) -> Result<(), Fault> {
        let fits = match (self, value) {
            (Self::Object(fields), Value::Object(object)) => {
                return check_fields(fields, pointer, object);
            }
            (
                Self::String {
                    min_length,
                    max_length,
                    pattern,
                },
                Value::String(text),
            ) => {
                let length = text.chars().count();
                length >= *min_length
                    && max_length.is_none_or(|longest| length <= longest)
                    && pattern
                        .as_ref()
                        .is_none_or(|pattern| pattern.is_match(text))
            }
            _ => false,
        };
        if fits {
            Ok(())
        } else {
            Err(refusal(pointer, self.describe()))
        }
    }

    /// The shape in words.
    fn describe(&self) -> String {
        match self {
            Self::Object(_) => "an object".into(),
            Self::String {
                pattern: Some(pattern),
                ..
            } => format!("a string matching {pattern}"),
            Self::String {
                min_length,
                max_length: Some(longest),
                ..
            } => format!("a string of {min_length} to {longest} characters"),
            Self::String { .. } => "a string".into(),
        }
    }
}

fn fields(schema: &MetaSchema, registry: &Registry) -> Vec<Field> {
    let field = |(name, shape): &(&'static str, MetaSchemaRef)| Field {
        name,
        is_required: schema.required.contains(name),
        shape: Shape::of(shape, registry),
    };
    schema.properties.iter().map(field).collect()
}

fn check_fields(fields: &[Field], pointer: &str, object: &Map<String, Value>) -> Result<(), Fault> {
    let at = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
    if let Some(unknown) = object
        .keys()
        .find(|key| !fields.iter().any(|field| field.name == *key))
    {
        let known: Vec<_> = fields.iter().map(|field| field.name).collect();
        return Err(refusal(
            &at(unknown),
            format!("no such field; the fields are {}", known.join(", ")),
        ));
    }
    for field in fields {
        match object.get(field.name) {
            Some(value) => field.shape.check_at(&at(field.name), value)?,
            None if field.is_required => {
                return Err(refusal(
                    &at(field.name),
                    format!("this field, {}", field.shape.describe()),
                ));
            }
            None => {}
        }
    }
    Ok(())
}

fn refusal(pointer: &str, expected: impl Into<String>) -> Fault {
    Fault::InvalidRequest {
        pointer: pointer.to_owned(),
        expected: expected.into(),
    }
}
