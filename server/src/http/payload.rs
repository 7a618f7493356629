//! Bodies that operations need, whatever their form.

use poem::Request;
use poem_openapi::{
    registry::{MetaMediaType, MetaRequest},
    types::Type,
};

use super::fault::Fault;

/// A body of this type and content type, for the document.
pub(crate) fn required<T: Type>(content_type: &'static str) -> MetaRequest {
    let schema = T::schema_ref();
    MetaRequest {
        description: None,
        content: vec![MetaMediaType {
            content_type,
            schema,
        }],
        required: true,
    }
}

/// Refuses a body of another content type. Beside it there may be `charset=utf-8`, and nothing else.
///
/// # Errors
/// [`Fault::UnsupportedMediaType`].
pub(crate) fn check_content_type(request: &Request, expected: &str) -> Result<(), Fault> {
    if request
        .content_type()
        .is_some_and(|sent| is_content_type(sent, expected))
    {
        return Ok(());
    }
    Err(Fault::UnsupportedMediaType)
}

/// Whether a content type is this one, alone or with `charset=utf-8`.
pub(crate) fn is_content_type(sent: &str, expected: &str) -> bool {
    let (media_type, parameters) = sent.split_once(';').unwrap_or((sent, ""));
    let parameters = parameters.trim().to_ascii_lowercase();
    let is_utf8 = ["", "charset=utf-8", "charset=\"utf-8\""].contains(&parameters.as_str());
    is_utf8 && media_type.trim().eq_ignore_ascii_case(expected)
}
