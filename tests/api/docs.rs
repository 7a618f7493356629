//! `/docs`: Swagger UI of each document, from this server alone. `tests/browser` opens the pages.

use countersign_tests::Server;

#[tokio::test]
async fn pages_load_nothing_from_elsewhere() {
    let server = Server::start();
    let client = server.client();
    for dialect in ["ocx", "aura", "platform"] {
        let page = client.get(&format!("/docs/{dialect}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; "),
            "{policy}"
        );
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        for attribute in ["src=\"", "href=\""] {
            for address in page.text.split(attribute).skip(1) {
                let is_own = address.starts_with("/docs/") || address.starts_with("/openapi/");
                assert!(is_own || address.starts_with("data:"), "{address}");
            }
        }
        let start = client.get(&format!("/docs/{dialect}.js")).await;
        assert!(
            start.text.contains(&format!("/openapi/{dialect}.31.json")),
            "{start:?}"
        );
    }
    let script = client.get("/docs/swagger-ui.js").await;
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert!(script.text.len() > 1_000_000 && !script.text.contains("</script>"));
    let style = client.get("/docs/swagger-ui.css").await;
    assert!(style.text.starts_with(".swagger-ui{"));
    let written = client.post("/docs/ocx", &serde_json::json!({})).await;
    written.assert_error(405, "METHOD_NOT_ALLOWED");
    assert_eq!(written.header("allow"), "GET, HEAD");
}
