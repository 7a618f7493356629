//! SQLite passes the store suite, and its schema goes up, down and up again.

use std::sync::Arc;

use countersign_core::{store::Store, store_suite};
use countersign_server::store::{DatabaseUrl, Migrator, SqliteStore};
use sea_orm_migration::MigratorTrait;
use tempfile::TempDir;

async fn open() -> (TempDir, Arc<dyn Store>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let url = DatabaseUrl::sqlite(&directory.path().join("test.sqlite"));
    let store = SqliteStore::open(&url, store_suite::MAX_CHALLENGES as u64)
        .await
        .expect("the database opens");
    (directory, Arc::new(store))
}

countersign_core::store_suite!(open().await);

#[tokio::test]
async fn migrations_go_up_down_and_up_again() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let url = format!(
        "sqlite://{}?mode=rwc",
        directory.path().join("test.sqlite").display()
    );
    let database = sea_orm::Database::connect(url)
        .await
        .expect("the database opens");
    Migrator::up(&database, None).await.expect("up");
    Migrator::down(&database, None).await.expect("down");
    Migrator::up(&database, None).await.expect("up again");
}

#[tokio::test]
async fn what_was_answered_is_there_after_reopening() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let url = DatabaseUrl::sqlite(&directory.path().join("test.sqlite"));
    let challenge = store_suite::challenge(1);
    let store = SqliteStore::open(&url, 10)
        .await
        .expect("the database opens");
    let store: &dyn Store = &store;
    store
        .insert_challenge(challenge.clone())
        .await
        .expect("the challenge is kept");
    let store = SqliteStore::open(&url, 10)
        .await
        .expect("the database opens again");
    let found = (&store as &dyn Store)
        .find_challenge(challenge.profile, challenge.purpose, challenge.id)
        .await;
    assert_eq!(found, Ok(Some(challenge)));
}
