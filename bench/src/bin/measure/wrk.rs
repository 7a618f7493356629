//! Requests by `wrk`, which asks as fast as it is answered.

use std::{path::Path, process::Command};

use crate::rounds::Answered;

/// Connections that ask at once, of most loads.
pub(crate) const CONNECTIONS: usize = 32;
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/wrk.lua");

/// Asks a URL for some seconds over so many connections, each time with the next header of a file.
///
/// # Panics
/// When a request fails, which would be answered faster than one that does not.
pub(crate) fn load(url: &str, headers: &Path, seconds: u32, connections: usize) -> Answered {
    let output = Command::new("wrk")
        .args(["--threads", "1", "--script", SCRIPT])
        .args(["--connections", &connections.to_string()])
        .args(["--duration", &seconds.to_string()])
        .args([url, "--"])
        .arg(headers)
        .output()
        .expect("wrk is installed");
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().find_map(|line| line.strip_prefix("measured "));
    let numbers: Vec<f64> = line
        .unwrap_or_default()
        .split(' ')
        .filter_map(|number| number.parse().ok())
        .collect();
    let [requests, microseconds, p50_us, p99_us, failures] = numbers[..] else {
        panic!("wrk has measured {url}: {output:?}");
    };
    assert!(failures == 0.0 && requests > 0.0, "{url}: {text}");
    Answered {
        requests,
        seconds: microseconds / 1e6,
        p50_us,
        p99_us,
    }
}
