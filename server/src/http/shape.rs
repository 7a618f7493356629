//! The shape a body must have, taken from the schema that is published for it, so that the
//! document and the check cannot drift apart.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use serde_json::{Map, Value};

use super::fault::{self, Fault};

/// What a value must be.
#[derive(Debug)]
pub(crate) enum Shape {
    /// An object with these fields and no others.
    Object(Vec<Field>),
    /// A string.
    String {
        /// Fewest characters.
        min_length: usize,
        /// Most characters.
        max_length: Option<usize>,
    },
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Field {
    name: &'static str,
    is_required: bool,
    shape: Shape,
}

impl Shape {
    /// Reads a published schema.
    ///
    /// # Panics
    /// On a kind of schema that no request uses yet: it is met when the server starts to use it, in every test.
    pub(crate) fn of(schema: &MetaSchemaRef, registry: &Registry) -> Self {
        let schema = match schema {
            MetaSchemaRef::Inline(schema) => schema,
            MetaSchemaRef::Reference(name) => &registry.schemas[name],
        };
        match schema.ty {
            "object" => Self::Object(fields(schema, registry)),
            "string" if schema.pattern.is_none() => Self::String {
                min_length: schema.min_length.unwrap_or(0),
                max_length: schema.max_length,
            },
            _ => panic!("requests have no field of this kind yet: {schema:?}"),
        }
    }

    /// Compares a value with the shape.
    ///
    /// # Errors
    /// [`Fault::InvalidRequest`] for the first field that differs.
    pub(crate) fn check(&self, value: &Value) -> Result<(), Fault> {
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
                },
                Value::String(text),
            ) => {
                let length = text.chars().count();
                length >= *min_length && max_length.is_none_or(|longest| length <= longest)
            }
            _ => false,
        };
        if fits {
            Ok(())
        } else {
            Err(Fault::invalid_request(pointer, self.describe()))
        }
    }

    /// The shape in words.
    fn describe(&self) -> String {
        match self {
            Self::Object(_) => "an object".into(),
            Self::String {
                min_length,
                max_length: Some(longest),
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
    let at = |name: &str| fault::pointer(pointer, name);
    if let Some(unknown) = object
        .keys()
        .find(|key| !fields.iter().any(|field| field.name == *key))
    {
        let known: Vec<_> = fields.iter().map(|field| field.name).collect();
        return Err(Fault::invalid_request(
            at(unknown),
            format!("no such field; the fields are {}", known.join(", ")),
        ));
    }
    for field in fields {
        match object.get(field.name) {
            Some(value) => field.shape.check_at(&at(field.name), value)?,
            None if field.is_required => {
                return Err(Fault::invalid_request(
                    at(field.name),
                    format!("this field, {}", field.shape.describe()),
                ));
            }
            None => {}
        }
    }
    Ok(())
}
