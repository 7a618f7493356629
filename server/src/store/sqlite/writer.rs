//! The one writer, with group commit: commands that wait together are committed together, so
//! they share the cost of reaching the disk. An answer is sent only after its commit.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use countersign_core::{
    api_key::{ApiKey, ApiKeyId},
    challenge::Challenge,
    session::SessionId,
    store::{ApiKeyUse, KeyOwner, Redeem, RevokedApiKey, StoreError},
};
use rusqlite::{Connection, Error, TransactionBehavior};
use time::OffsetDateTime;
use tokio::sync::oneshot;

use super::{
    api_keys, challenges,
    challenges::{Offered, Redeemed},
    sessions, unavailable,
};

/// Commands waiting at most; more are refused at once, so that memory is bounded.
const QUEUE: usize = 4096;
/// Commands in one commit at most.
const GROUP: usize = 256;
/// While several clients write at once, the pause in which the next group gathers: a commit
/// costs as much for one command as for many.
const GATHER: Duration = Duration::from_millis(1);
/// How long a client waits for its commit.
const DEADLINE: Duration = Duration::from_secs(10);

/// A change to the database.
pub(super) enum Command {
    InsertChallenge(Challenge),
    InsertOrReuseChallenge {
        challenge: Challenge,
        issued_after: OffsetDateTime,
        has_room: bool,
    },
    Redeem(Redeem),
    RevokeSession {
        id: SessionId,
        now: OffsetDateTime,
    },
    InsertApiKey(Box<ApiKey>),
    RevokeApiKey {
        owner: KeyOwner,
        id: ApiKeyId,
        now: OffsetDateTime,
    },
    RecordApiKeyUses(Vec<ApiKeyUse>),
    DeleteChallenges {
        expired_before: OffsetDateTime,
    },
    DeleteSessions {
        expired_before: OffsetDateTime,
    },
    DeleteApiKeys {
        dead_before: OffsetDateTime,
    },
}

/// What a command did.
pub(super) enum Outcome {
    /// So many rows were written.
    Rows(usize),
    Offered(Offered),
    Redeemed(Redeemed),
    Revoked(Option<RevokedApiKey>),
}

struct Job {
    command: Command,
    reply: oneshot::Sender<Result<Outcome, Arc<Error>>>,
}

/// The way to the one thread that writes.
pub(super) struct Writer {
    queue: SyncSender<Job>,
    thread: JoinHandle<()>,
    state: Arc<State>,
}

/// What can be told of the writer from outside.
#[derive(Default)]
struct State {
    /// Whether the last group could not be committed.
    is_failing: AtomicBool,
    /// Commands that wait for their commit.
    queued: AtomicUsize,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (queue, jobs) = sync_channel(QUEUE);
        let state = Arc::new(State::default());
        let shown = state.clone();
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || run(connection, &jobs, &shown))?;
        Ok(Self {
            queue,
            thread,
            state,
        })
    }

    /// Runs a command and waits for its commit.
    pub(super) async fn write(&self, command: Command) -> Result<Outcome, StoreError> {
        let (reply, answer) = oneshot::channel();
        // Counted before it is there to be taken.
        self.state.queued.fetch_add(1, Ordering::Relaxed);
        if self.queue.try_send(Job { command, reply }).is_err() {
            self.state.queued.fetch_sub(1, Ordering::Relaxed);
            tracing::error!("the queue of the database writer is full or closed");
            return Err(StoreError::Unavailable);
        }
        // Logged here and not by the writer, so that the line belongs to the request.
        let Ok(Ok(outcome)) = tokio::time::timeout(DEADLINE, answer).await else {
            tracing::error!(
                "the database writer did not answer in time; the write may still be done"
            );
            return Err(StoreError::Unavailable);
        };
        outcome.map_err(|error| unavailable(&error))
    }

    /// Whether the last group of writes was committed.
    pub(super) fn is_ready(&self) -> bool {
        !self.thread.is_finished() && !self.state.is_failing.load(Ordering::Relaxed)
    }

    /// How many commands wait for their commit.
    pub(super) fn queued(&self) -> usize {
        self.state.queued.load(Ordering::Relaxed)
    }

    /// Finishes what waits and closes the connection.
    pub(super) async fn close(self) {
        drop(self.queue);
        let ended = tokio::task::spawn_blocking(|| self.thread.join()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("the database writer ended badly");
        }
    }
}

fn run(mut connection: Connection, jobs: &Receiver<Job>, state: &State) {
    let mut group = Vec::with_capacity(GROUP);
    let mut is_busy = false;
    while let Ok(first) = jobs.recv() {
        if is_busy {
            std::thread::sleep(GATHER);
        }
        group.push(first);
        group.extend(jobs.try_iter().take(GROUP - 1));
        is_busy = group.len() > 1;
        let committed = commit(&mut connection, &group);
        state.queued.fetch_sub(group.len(), Ordering::Relaxed);
        state
            .is_failing
            .store(committed.is_err(), Ordering::Relaxed);
        match committed {
            Ok(outcomes) => group
                .drain(..)
                .zip(outcomes)
                .for_each(|(job, outcome)| answer(job, Ok(outcome))),
            // One command has spoiled the transaction for the others: try each by itself.
            Err(Failure::Command(error)) if group.len() > 1 => {
                tracing::warn!(%error, commands = group.len(), "a group of writes failed; trying each by itself");
                for job in group.drain(..) {
                    let outcome = commit(&mut connection, std::slice::from_ref(&job));
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
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the database did not close cleanly");
    }
}

/// The client may have gone; its command is done all the same.
fn answer(job: Job, outcome: Result<Outcome, Arc<Error>>) {
    let _gone = job.reply.send(outcome);
}

/// Why a group was not committed.
enum Failure {
    /// A command failed, perhaps by its own fault.
    Command(Error),
    /// The transaction could not begin or end, whatever was in it.
    Transaction(Error),
}

impl Failure {
    fn cause(self) -> Arc<Error> {
        match self {
            Self::Command(cause) | Self::Transaction(cause) => Arc::new(cause),
        }
    }
}

/// Runs commands in one transaction that holds the write lock from its start: a deferred one
/// that reads first would fail when another process writes in between.
fn commit(connection: &mut Connection, jobs: &[Job]) -> Result<Vec<Outcome>, Failure> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(Failure::Transaction)?;
    let outcomes: Result<_, _> = jobs
        .iter()
        .map(|job| apply(&transaction, &job.command))
        .collect();
    let outcomes = outcomes.map_err(Failure::Command)?;
    transaction.commit().map_err(Failure::Transaction)?;
    Ok(outcomes)
}

fn apply(transaction: &Connection, command: &Command) -> rusqlite::Result<Outcome> {
    Ok(match command {
        Command::InsertChallenge(challenge) => {
            Outcome::Rows(challenges::insert(transaction, challenge)?)
        }
        Command::InsertOrReuseChallenge {
            challenge,
            issued_after,
            has_room,
        } => Outcome::Offered(challenges::insert_or_reuse(
            transaction,
            challenge,
            *issued_after,
            *has_room,
        )?),
        Command::Redeem(redeem) => Outcome::Redeemed(challenges::redeem(transaction, redeem)?),
        Command::RevokeSession { id, now } => {
            Outcome::Rows(sessions::revoke(transaction, *id, *now)?)
        }
        Command::InsertApiKey(key) if api_keys::has_room_for(transaction, key)? => {
            Outcome::Rows(api_keys::insert(transaction, key)?)
        }
        Command::InsertApiKey(_) => Outcome::Rows(0),
        Command::RevokeApiKey { owner, id, now } => {
            Outcome::Revoked(api_keys::revoke(transaction, owner, id, *now)?)
        }
        Command::RecordApiKeyUses(uses) => Outcome::Rows(api_keys::record_uses(transaction, uses)?),
        Command::DeleteChallenges { expired_before } => {
            Outcome::Rows(challenges::delete(transaction, *expired_before)?)
        }
        Command::DeleteSessions { expired_before } => {
            Outcome::Rows(sessions::delete(transaction, *expired_before)?)
        }
        Command::DeleteApiKeys { dead_before } => {
            Outcome::Rows(api_keys::delete_dead(transaction, *dead_before)?)
        }
    })
}
