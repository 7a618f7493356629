//! `/docs`: Swagger UI for each document, from this server alone.
//!
//! poem-openapi carries Swagger UI as one page with everything inline. It is taken apart here, so
//! that the pages need no inline script and can have a strict Content-Security-Policy.

use std::sync::LazyLock;

use poem::{
    Response, Route,
    endpoint::make_sync,
    get,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE},
};
use poem_openapi::OpenApiService;

use crate::openapi::Document;

/// Scripts, styles and requests stay with this server; icons are in the style.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Swagger UI, taken out of the page it comes in.
static PARTS: LazyLock<Parts> = LazyLock::new(|| {
    let page = OpenApiService::new((), "", "").swagger_ui_html();
    Parts {
        script: between(&page, "<script charset=\"UTF-8\">", "</script>"),
        style: between(&page, "<style charset=\"UTF-8\">", "</style>"),
    }
});

struct Parts {
    script: String,
    style: String,
}

/// The paths of this module.
pub(crate) fn paths() -> impl Iterator<Item = String> {
    let of = |document: Document| [format!("/docs/{document}"), format!("/docs/{document}.js")];
    let shared = ["/docs/swagger-ui.js", "/docs/swagger-ui.css"].map(str::to_owned);
    Document::ALL.into_iter().flat_map(of).chain(shared)
}

/// The pages and what they load.
pub(crate) fn routes() -> Route {
    let shared = Route::new()
        .at(
            "/swagger-ui.js",
            get(make_sync(|_| {
                asset("text/javascript", PARTS.script.clone())
            })),
        )
        .at(
            "/swagger-ui.css",
            get(make_sync(|_| asset("text/css", PARTS.style.clone()))),
        );
    Document::ALL.into_iter().fold(shared, |routes, document| {
        let start = make_sync(move |_| asset("text/javascript", start(document)));
        routes
            .at(
                format!("/{document}"),
                get(make_sync(move |_| page(document))),
            )
            .at(format!("/{document}.js"), get(start))
    })
}

fn page(document: Document) -> Response {
    let name = document.to_string();
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>Countersign API: {name}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <link rel=\"stylesheet\" href=\"/docs/swagger-ui.css\">\n</head>\n<body>\n<div id=\"ui\"></div>\n\
         <noscript>This page needs JavaScript; the document itself is <a href=\"/openapi/{name}.json\">here</a>.</noscript>\n\
         <script src=\"/docs/swagger-ui.js\"></script>\n<script src=\"/docs/{name}.js\"></script>\n</body>\n</html>\n"
    );
    Response::builder()
        .header(CONTENT_SECURITY_POLICY, POLICY)
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .body(page)
}

/// Calls go to the server that the page came from, by whatever name it was opened: the policy permits no other. So the
/// document's servers are left out, and the boxes that would show them.
const OWN_SERVER: &str = "\
const ownServer = () => ({
  statePlugins: {
    spec: { wrapActions: { updateJsonSpec: (update) => ({ servers, ...document }) => update(document) } },
  },
  wrapComponents: { OperationServers: () => () => null },
});
";

fn start(document: Document) -> String {
    format!(
        "{OWN_SERVER}SwaggerUIBundle({{ url: \"/openapi/{document}.31.json\", dom_id: \"#ui\", \
         deepLinking: true, defaultModelsExpandDepth: 0, plugins: [ownServer] }});\n"
    )
}

fn asset(content_type: &str, text: String) -> Response {
    Response::builder()
        .header(CACHE_CONTROL, "public, max-age=3600")
        .header(CONTENT_TYPE, format!("{content_type}; charset=utf-8"))
        .body(text)
}

fn between(page: &str, start: &str, end: &str) -> String {
    let (_, rest) = page
        .split_once(start)
        .expect("the page is a constant of poem-openapi");
    let (inner, _) = rest.split_once(end).expect("what begins ends");
    inner.to_owned()
}
