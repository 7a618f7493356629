//! Rules of a platform's own.

use countersign_tests::Server;

use super::{ask, key};

fn server(rules: &str) -> Server {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let config = format!("[server]\ntrusted_proxies = ['127.0.0.1']\n{rules}");
    std::fs::write(directory.path().join("countersign.toml"), config).expect("it is written");
    Server::start_on(directory, &[])
}

#[tokio::test]
async fn the_first_rule_that_fits_decides_and_without_one_nobody_passes() {
    let server = server(
        "[[access.ocx]]\nmethods = ['GET']\npath = '/reports/public/**'\nadmits = ['anonymous', 'session', 'key']\n\
         [[access.ocx]]\nmethods = ['GET']\npath = '/reports/**'\nadmits = ['key:read']\n\
         [[access.ocx]]\nmethods = ['OPTIONS']\npath = '/**'\nadmits = ['anonymous', 'session', 'key']\n",
    );
    let (secret, token) = key(&server, "read").await;
    let (anybody, program, person) = (
        server.client(),
        server.client().with("x-api-key", &secret),
        server.client().with_bearer(&token),
    );
    for (client, method, path, status) in [
        (&anybody, "GET", "/reports/public/2026", 200),
        (&anybody, "GET", "/reports/2026", 401),
        (&program, "GET", "/reports/2026", 200),
        (&person, "GET", "/reports/2026", 403),
        (&program, "POST", "/reports/2026", 403),
        (&anybody, "OPTIONS", "/reports/2026", 200),
        // The dialect's own platform is not this one.
        (&anybody, "GET", "/perps/markets", 403),
    ] {
        let answer = ask(client, "ocx", "forward-auth", method, path).await;
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
    }
    // The dialect's own operations go on to have their rules.
    assert_eq!(person.get("/perps/me/api-keys").await.status, 200);
    program
        .get("/perps/me/api-keys")
        .await
        .assert_error(403, "SESSION_REQUIRED");
}
