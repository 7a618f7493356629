//! How much is measured.

/// How much is measured.
pub(crate) struct Plan {
    /// Times that every route has its turn.
    pub rounds: usize,
    /// Seconds of one turn.
    pub seconds: u32,
    /// Sign-ins of one turn.
    pub sign_ins: usize,
    /// Accounts that sign in and make keys.
    pub accounts: usize,
    /// Keys in the databases that are compared; all use as many as the first has.
    pub keys: [usize; 3],
    /// Keys of the load after which memory is read.
    pub memory_keys: usize,
    /// Seconds of load after which memory is read.
    pub memory_seconds: u32,
    /// Keys revoked on one server and waited for on another.
    pub revocations: usize,
    /// Times that a server is started.
    pub starts: usize,
    /// Calls of a plugin in one turn.
    pub calls: usize,
    /// Times that a plugin is replaced under load.
    pub reloads: usize,
}

/// Sessions, and as many live keys as one account may have.
pub(crate) const CREDENTIALS_EACH: usize = 100;

impl Plan {
    /// What the document records.
    pub(crate) const FULL: Self = Self {
        rounds: 7,
        seconds: 2,
        sign_ins: 4000,
        accounts: 100,
        keys: [1_000, 100_000, 1_000_000],
        memory_keys: 100_000,
        memory_seconds: 60,
        revocations: 200,
        starts: 5,
        calls: 20_000,
        reloads: 100,
    };
    /// Enough to see that everything runs.
    pub(crate) const QUICK: Self = Self {
        rounds: 3,
        seconds: 1,
        sign_ins: 500,
        accounts: 10,
        keys: [100, 1_000, 10_000],
        memory_keys: 10_000,
        memory_seconds: 5,
        revocations: 10,
        starts: 3,
        calls: 2_000,
        reloads: 10,
    };
}
