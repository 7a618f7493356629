//! Whoever calls, as an argument of an operation. The document tells of it as the operation's security.

use poem::{Request, RequestBody, Result};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, registry::Registry};

/// What can be found out about whoever calls.
pub(crate) trait Security: Sized + Send {
    /// Names of the security schemes, of which any will do.
    const SCHEMES: &'static [&'static str];
    /// Whether an operation that takes this takes callers without a credential, too.
    const IS_OPTIONAL: bool = false;

    /// Adds the schemes to the document.
    fn register(registry: &mut Registry);

    /// Finds it out, or refuses the request.
    fn find(request: &Request) -> impl Future<Output = Result<Self>> + Send;
}

/// An argument before the body, so that a stranger is told so before the body is judged.
#[derive(Debug)]
pub(crate) struct Secured<T>(pub T);

impl<'a, T: Security> ApiExtractor<'a> for Secured<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        T::SCHEMES.to_vec()
    }

    fn has_security_fallback() -> bool {
        T::IS_OPTIONAL
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        T::find(request).await.map(Self)
    }
}
