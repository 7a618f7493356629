//! The keys that sign session tokens are the same on all nodes.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_other_signing_keys_is_not_ready() {
    let fleet = Fleet::on(Cluster::shared());
    let first = fleet.node();
    assert_eq!(first.client().get("/health/ready").await.status, 200);
    let second = fleet.node();
    assert_eq!(second.client().get("/health/ready").await.status, 200);
    let other_keys = tempfile::tempdir().expect("a temporary directory");
    let directory = other_keys.path().display().to_string();
    let stranger = fleet.node_with(&[("COUNTERSIGN__SESSION__SIGNING_KEYS_DIR", &directory)]);
    assert_eq!(stranger.client().get("/health/ready").await.status, 503);
    assert!(
        stranger.log().contains("session.signing_keys_dir"),
        "{}",
        stranger.log()
    );
    for node in [&first, &second] {
        assert_eq!(node.client().get("/health/ready").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_one_node_verifies_with_the_keys_that_another_publishes() {
    let fleet = Fleet::on(Cluster::shared());
    let (first, second) = (fleet.node(), fleet.node());
    let published = async |node: &Server| node.client().get("/.well-known/jwks.json").await.json();
    assert_eq!(published(&first).await, published(&second).await);
}
