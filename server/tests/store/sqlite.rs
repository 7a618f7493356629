//! SQLite passes the store suite, and its schema goes up, down and up again.

use std::sync::Arc;

use countersign_core::{store::Store, store_suite};
use countersign_server::store::{Migrator, SqliteStore};
use sea_orm_migration::MigratorTrait;
use tempfile::TempDir;

async fn open() -> (TempDir, Arc<dyn Store>) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("test.sqlite");
    let store = SqliteStore::open(&file, store_suite::MAX_CHALLENGES as u64)
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
    let file = directory.path().join("test.sqlite");
    let challenge = store_suite::challenge(1);
    let store = SqliteStore::open(&file, 10)
        .await
        .expect("the database opens");
    let store: &dyn Store = &store;
    store
        .insert_challenge(challenge.clone())
        .await
        .expect("the challenge is kept");
    let store = SqliteStore::open(&file, 10)
        .await
        .expect("the database opens again");
    let found = (&store as &dyn Store)
        .find_challenge(challenge.profile, challenge.purpose, challenge.id)
        .await;
    assert_eq!(found, Ok(Some(challenge)));
}

#[tokio::test]
async fn sessions_of_the_first_schema_get_their_wallet() {
    use countersign_core::secret::Secret;
    use sea_orm::ConnectionTrait;

    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("test.sqlite");
    let database = sea_orm::Database::connect(format!("sqlite://{}?mode=rwc", file.display()))
        .await
        .expect("the database opens");
    Migrator::up(&database, Some(1))
        .await
        .expect("the first schema");
    let token = Secret::new("token".into()).hash();
    let hash: String = token
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let account = "01HW7ZK5P8J9X2M3T4V6Y8N0B1";
    for statement in [
        format!("INSERT INTO account VALUES ('{account}', 0)"),
        format!(
            "INSERT INTO wallet VALUES ('eip155:*:0xab', '{account}', 'eip155:1', '0xab', 'key', 0)"
        ),
        format!(
            "INSERT INTO session (id, profile, account_id, wallet, token_hash, issued_at, expires_at) \
             VALUES ('{account}', 'ocx', '{account}', 'eip155:1:0xab', x'{hash}', 0, 1)"
        ),
    ] {
        database
            .execute_unprepared(&statement)
            .await
            .expect("a row");
    }
    database.close().await.expect("the database closes");
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, private).expect("it is ours");
    let store = SqliteStore::open(&file, 10)
        .await
        .expect("the database is brought up to date");
    let found = (&store as &dyn Store).find_session(&token).await;
    let session = found.expect("the store answers").expect("it is kept");
    assert_eq!(session.wallet_key.as_str(), "eip155:*:0xab");
}
