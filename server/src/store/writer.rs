//! The one writer, with group commit: commands that wait together are committed together, so
//! they share the cost of reaching the disk. An answer is sent only after its commit.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use countersign_core::{
    challenge::Challenge,
    session::SessionId,
    store::{Granted, Redeem, StoreError},
};
use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use time::OffsetDateTime;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::{challenges, sessions, unavailable};

/// Commands waiting at most; more are refused at once, so that memory is bounded.
const QUEUE: usize = 4096;
/// Commands in one commit at most.
const GROUP: usize = 256;

/// How long a client waits for its commit.
const DEADLINE: Duration = Duration::from_secs(10);

/// A change to the database.
pub(super) enum Command {
    InsertChallenge(Challenge),
    Redeem(Redeem),
    RevokeSession { id: SessionId, now: OffsetDateTime },
    DeleteChallenges { expired_before: OffsetDateTime },
    DeleteSessions { expired_before: OffsetDateTime },
}

/// What a command did.
pub(super) enum Outcome {
    Rows(u64),
    Granted(Option<Box<Granted>>),
}

struct Job {
    command: Command,
    reply: oneshot::Sender<Result<Outcome, DbErr>>,
}

/// The way to the one task that writes.
pub(super) struct Writer {
    queue: mpsc::Sender<Job>,
    task: JoinHandle<()>,
    is_failing: Arc<AtomicBool>,
}

impl Writer {
    pub(super) fn start(database: DatabaseConnection) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let is_failing = Arc::new(AtomicBool::new(false));
        Self {
            queue,
            task: tokio::spawn(run(database, jobs, is_failing.clone())),
            is_failing,
        }
    }

    /// Runs a command and waits for its commit.
    pub(super) async fn write(&self, command: Command) -> Result<Outcome, StoreError> {
        let (reply, answer) = oneshot::channel();
        if self.queue.try_send(Job { command, reply }).is_err() {
            tracing::error!("the queue of the database writer is full or closed");
            return Err(StoreError::Unavailable);
        }
        // Logged here and not by the writer, so that the line belongs to the request.
        let answered = tokio::time::timeout(DEADLINE, answer).await;
        let Ok(Ok(outcome)) = answered else {
            tracing::error!(
                "the database writer did not answer in time; the write may still be done"
            );
            return Err(StoreError::Unavailable);
        };
        outcome.map_err(unavailable)
    }

    /// Whether the last group of writes was committed.
    pub(super) fn is_ready(&self) -> bool {
        !self.queue.is_closed() && !self.is_failing.load(Ordering::Relaxed)
    }

    /// Finishes what waits and closes the connection.
    pub(super) async fn close(self) {
        drop(self.queue);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the database writer ended badly");
        }
    }
}

async fn run(
    database: DatabaseConnection,
    mut jobs: mpsc::Receiver<Job>,
    is_failing: Arc<AtomicBool>,
) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.recv_many(&mut group, GROUP).await > 0 {
        let committed = commit(&database, &group).await;
        is_failing.store(committed.is_err(), Ordering::Relaxed);
        match committed {
            Ok(outcomes) => {
                for (job, outcome) in group.drain(..).zip(outcomes) {
                    answer(job, Ok(outcome));
                }
            }
            // One command has spoiled the transaction for the others: try each by itself.
            Err(Failure::Command(error)) if group.len() > 1 => {
                tracing::warn!(%error, commands = group.len(), "a group of writes failed; trying each by itself");
                for job in group.drain(..) {
                    let outcome = commit(&database, std::slice::from_ref(&job)).await;
                    answer(
                        job,
                        outcome
                            .map(|mut outcomes| outcomes.remove(0))
                            .map_err(Failure::cause),
                    );
                }
            }
            Err(failure) => {
                let cause = failure.cause();
                group
                    .drain(..)
                    .for_each(|job| answer(job, Err(cause.clone())));
            }
        }
    }
    if let Err(error) = database.close().await {
        tracing::warn!(%error, "the database did not close cleanly");
    }
}

/// The client may have gone; its command is done all the same.
fn answer(job: Job, outcome: Result<Outcome, DbErr>) {
    let _gone = job.reply.send(outcome);
}

/// Why a group was not committed.
enum Failure {
    /// A command failed, perhaps by its own fault.
    Command(DbErr),
    /// The transaction could not begin or end, whatever was in it.
    Transaction(DbErr),
}

impl Failure {
    fn cause(self) -> DbErr {
        match self {
            Self::Command(cause) | Self::Transaction(cause) => cause,
        }
    }
}

/// Runs commands in one transaction that holds the write lock from its start: a deferred one
/// that reads first would fail when another process writes in between.
async fn commit(database: &DatabaseConnection, jobs: &[Job]) -> Result<Vec<Outcome>, Failure> {
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = database
        .begin_with_options(immediate)
        .await
        .map_err(Failure::Transaction)?;
    let mut outcomes = Vec::with_capacity(jobs.len());
    for job in jobs {
        outcomes.push(
            apply(&transaction, &job.command)
                .await
                .map_err(Failure::Command)?,
        );
    }
    transaction.commit().await.map_err(Failure::Transaction)?;
    Ok(outcomes)
}

async fn apply(transaction: &DatabaseTransaction, command: &Command) -> Result<Outcome, DbErr> {
    Ok(match command {
        Command::InsertChallenge(challenge) => {
            Outcome::Rows(challenges::insert(transaction, challenge).await?)
        }
        Command::Redeem(redeem) => {
            Outcome::Granted(challenges::redeem(transaction, redeem).await?.map(Box::new))
        }
        Command::RevokeSession { id, now } => {
            Outcome::Rows(sessions::revoke(transaction, *id, *now).await?)
        }
        Command::DeleteChallenges { expired_before } => {
            Outcome::Rows(challenges::delete(transaction, *expired_before).await?)
        }
        Command::DeleteSessions { expired_before } => {
            Outcome::Rows(sessions::delete(transaction, *expired_before).await?)
        }
    })
}
