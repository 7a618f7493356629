//! The services around the servers: their health checks, which decide what starts when, and what runs beside them.

use std::process::Output;

use super::{Deployment, PAGE, compose};

/// Runs the health check of a service, as its container would.
fn check(deployment: &Deployment, service: &str, environment: &str) -> Output {
    let compose = compose();
    let test = &compose["services"][service]["healthcheck"]["test"];
    let mut words = test.as_array().expect(service).iter();
    assert_eq!(words.next().expect("a kind"), "CMD", "{service}");
    let words: Vec<_> = words.map(|word| word.as_str().expect("a text")).collect();
    let words = words.join(" ");
    deployment.run(&format!(
        "{environment} docker compose exec -T {service} {words}"
    ))
}

/// All of them pass where everything runs, and those that need a secret do not pass without it.
pub(super) fn health_checks_tell(deployment: &Deployment) {
    let compose = compose();
    let services = compose["services"].as_object().expect("services");
    let with_check: Vec<_> = services
        .iter()
        .filter(|(_, service)| !service["healthcheck"].is_null())
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(with_check, ["nginx", "postgres", "redis"]);
    for service in with_check {
        let output = check(deployment, service, "");
        assert!(output.status.success(), "{service}: {output:?}");
    }
    let refused = check(deployment, "redis", "WRONG_PASSWORD=1");
    assert!(!refused.status.success(), "{refused:?}");
}

/// While its image makes a database, PostgreSQL listens on its socket already, and is stopped again.
#[test]
fn postgres_is_healthy_where_servers_reach_it() {
    let compose = compose();
    let test = compose["services"]["postgres"]["healthcheck"]["test"].to_string();
    assert!(test.contains(r#""--host","127.0.0.1""#), "{test}");
}

/// A container that runs one command gets the fixed address of its service, which the server has.
#[test]
fn what_runs_beside_a_server_has_no_fixed_address() {
    let compose = compose();
    let run = |line: &'static str| line.split_once("docker compose run ");
    let runs: Vec<_> = PAGE.lines().filter_map(run).collect();
    assert!(!runs.is_empty());
    for (_, arguments) in runs {
        let service = arguments.split(' ').find(|word| !word.starts_with('-'));
        let service = &compose["services"][service.expect("a service")];
        assert!(service.is_object(), "{arguments}");
        let address = &service["networks"]["default"]["ipv4_address"];
        assert!(address.is_null(), "{arguments}: {address} is taken");
    }
}

/// nginx speaks plain http until somebody gives it a certificate.
#[test]
fn ports_are_open_to_this_machine_alone() {
    for (name, service) in compose()["services"].as_object().expect("services") {
        for port in service["ports"].as_array().into_iter().flatten() {
            let port = port.as_str().expect("a text");
            assert!(port.starts_with("127.0.0.1:"), "{name}: {port}");
        }
    }
}
