//! The first start of `docs/forward-auth.md`, copied and pasted.

use std::process::Command;

use countersign_core::profile::Profile;
use countersign_tests::{
    Server, binary,
    proxy::{Proxy, block, free_port},
};

use super::upstream::Upstream;

const PAGE: &str = include_str!("../../../../docs/forward-auth.md");

#[test]
fn the_first_start_works_as_printed() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let url = format!("http://localhost:{}", free_port());
    let settings = block("toml").replace("http://localhost:8000", &url);
    std::fs::write(directory.path().join("countersign.toml"), settings).expect("it is written");
    let demo = ("COUNTERSIGN__DEMO", "false");
    let server = Server::start_on(directory, &[demo, ("COUNTERSIGN__LIMITS__SCALE", "1")]);
    let upstream = Upstream::start();
    let port = url
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    let _nginx = Proxy::nginx_at(port, server.authority(), upstream.authority(), Profile::Ocx);
    // The blocks before start what runs here already.
    let script = PAGE
        .split("```sh\n")
        .nth(2)
        .and_then(|rest| rest.split("```").next());
    let script = script
        .expect("two blocks")
        .replace("$(countersign ", &format!("$({} ", binary().display()))
        .replace("curl http", "curl -sw '%{http_code}\\n' http")
        .replace("curl -b", "curl -sw '%{http_code}\\n' -b")
        .replace("http://localhost:8000", &url);
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(server.directory())
        .output()
        .expect("bash runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{text}\n{errors}");
    let lines: Vec<_> = text.lines().collect();
    let [public, code, refused, account, passed] = lines[..] else {
        panic!("{script}\n{text}\n{errors}");
    };
    assert_eq!(
        (public, code, refused, passed),
        ("200", "{\"code\":\"MISSING_CREDENTIAL\"}", "401", "200")
    );
    assert!(account.starts_with("{\"userId\":\""), "{text}");
    assert_is_sound(&server);
    let received: Vec<_> = upstream.take();
    let told: Vec<_> = received
        .iter()
        .map(|received| {
            (
                received.target.as_str(),
                received.header("x-auth-credential"),
            )
        })
        .collect();
    assert_eq!(
        told,
        [("/public/hello", "anonymous"), ("/secret", "session")]
    );
}

/// `doctor` has nothing to say about it.
fn assert_is_sound(server: &Server) {
    let mut doctor = Command::new(binary());
    doctor.args(["doctor", "--listen", server.authority()]);
    let output = doctor
        .current_dir(server.directory())
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let is_told = |line: &str| line.starts_with("warning") || line.starts_with("problem");
    assert!(
        output.status.success() && !text.lines().any(is_told),
        "{text}"
    );
}

/// Each block names what the endpoint reads and what it answers.
#[test]
fn every_block_sets_and_strips_what_it_must() {
    let yaml: Vec<_> = PAGE.split("```yaml\n").skip(1).collect();
    let [traefik, envoy] = yaml[..] else {
        panic!("two blocks of YAML");
    };
    let nginx = block("nginx");
    for name in ["Account", "Wallet", "Credential", "Key-Id", "Scopes"] {
        let header = format!("X-Auth-{name}");
        assert!(
            nginx.contains(&format!("proxy_set_header {header} ")),
            "{header}"
        );
        assert_eq!(block("caddyfile").matches(&header).count(), 1, "{header}");
        assert!(traefik.contains(&format!("{header}: \"\"")), "{header}");
        assert!(
            envoy.contains(&format!("- remove: {}", header.to_lowercase())),
            "{header}"
        );
    }
}
