//! The shape a body must have, taken from the schema that is published for it, so that the
//! document and the check cannot drift apart.

use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use regex::Regex;
use serde_json::{Map, Value};

use super::{
    fault::{self, Fault},
    text,
};

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
        /// The form of the whole string.
        pattern: Option<Pattern>,
    },
    /// One of these strings.
    OneOf(Vec<String>),
    /// A whole number.
    Integer {
        /// The smallest.
        minimum: i64,
        /// The largest.
        maximum: i64,
    },
    /// A list.
    Array {
        /// What each item must be.
        item: Box<Shape>,
        /// Fewest items.
        min_items: usize,
        /// Most items.
        max_items: usize,
    },
}

/// A form that is published as a pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    regex: Regex,
    expected: &'static str,
}

impl Pattern {
    fn of(pattern: &str) -> Self {
        Self {
            regex: Regex::new(pattern).expect("our own patterns are valid"),
            expected: text::expected(pattern),
        }
    }
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
        // A field's own description stands beside the reference to its type.
        if let Some(inner @ MetaSchemaRef::Reference(_)) = schema.all_of.first() {
            return Self::of(inner, registry);
        }
        match schema.ty {
            "string" if !schema.enum_items.is_empty() => Self::OneOf(
                schema
                    .enum_items
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            ),
            "integer" => Self::Integer {
                minimum: whole(schema.minimum),
                maximum: whole(schema.maximum),
            },
            "array" => Self::Array {
                item: Box::new(Self::of(
                    schema.items.as_deref().expect("a list has items"),
                    registry,
                )),
                min_items: schema.min_items.unwrap_or(0),
                max_items: schema.max_items.expect("requests have no endless lists"),
            },
            "object" => Self::Object(fields(schema, registry)),
            "string" => Self::String {
                min_length: schema.min_length.unwrap_or(0),
                max_length: schema.max_length,
                pattern: schema.pattern.as_deref().map(Pattern::of),
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
                    pattern,
                },
                Value::String(text),
            ) => {
                let length = text.chars().count();
                let is_long_enough = length >= *min_length;
                is_long_enough
                    && max_length.is_none_or(|longest| length <= longest)
                    && pattern
                        .as_ref()
                        .is_none_or(|form| form.regex.is_match(text))
            }
            (Self::OneOf(names), Value::String(text)) => names.contains(text),
            (Self::Integer { minimum, maximum }, Value::Number(number)) => number
                .as_i64()
                .is_some_and(|number| (*minimum..=*maximum).contains(&number)),
            (
                Self::Array {
                    item,
                    min_items,
                    max_items,
                },
                Value::Array(items),
            ) if (*min_items..=*max_items).contains(&items.len()) => {
                return check_items(item, pointer, items);
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
                max_length,
                pattern,
            } => {
                let length = describe_length(*min_length, *max_length);
                match pattern {
                    Some(form) => format!("{}; {length} characters", form.expected),
                    None => format!("a string of {length} characters"),
                }
            }
            Self::OneOf(names) => format!("one of {}", names.join(", ")),
            Self::Integer { minimum, maximum } => {
                format!("a whole number from {minimum} to {maximum}")
            }
            Self::Array {
                item,
                min_items,
                max_items,
            } => format!(
                "a list of {min_items} to {max_items} items, each {}",
                item.describe()
            ),
        }
    }
}

fn describe_length(shortest: usize, longest: Option<usize>) -> String {
    match longest {
        Some(longest) if longest == shortest => longest.to_string(),
        Some(longest) => format!("{shortest} to {longest}"),
        None => format!("{shortest} or more"),
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

/// A bound of a whole number, which requests always have.
fn whole(bound: Option<f64>) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bounds are written as whole numbers"
    )]
    let bound = bound.map(|bound| bound as i64);
    bound.expect("requests have no number without bounds")
}

fn check_items(item: &Shape, pointer: &str, items: &[Value]) -> Result<(), Fault> {
    let at = |index: usize| fault::pointer(pointer, &index.to_string());
    items
        .iter()
        .enumerate()
        .try_for_each(|(index, value)| item.check_at(&at(index), value))
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
