//! What stands below the flags in each command's help: examples, and where to read on.

/// Of `countersign`.
pub(super) const COUNTERSIGN: &str = "\
Examples:
  countersign serve          try it on this machine; nothing needs to be configured
  countersign config check   see what a configuration comes to
  countersign doctor         find out what is wrong, and what to do about it

Configuration: the file countersign.toml, then variables COUNTERSIGN__SECTION__KEY, then flags.
What comes later wins. A key that is not known is an error.

Read on: README.md for the first five minutes, config.example.toml for every setting.";

/// Of `countersign serve`.
pub(super) const SERVE: &str = "\
Examples:
  countersign serve
  countersign serve --config /etc/countersign.toml
  countersign serve --listen 127.0.0.1:9000 --data-dir /var/lib/countersign
  COUNTERSIGN__DEMO=true countersign serve

When it is ready it prints `listening on http://ADDRESS` to standard output. Its log goes to standard
error. SIGTERM and Ctrl-C end it after the requests under way.

Read on: README.md for signing in, config.example.toml for settings that have no flag.";

/// Of `countersign migrate`.
pub(super) const MIGRATE: &str = "\
Examples:
  countersign migrate up
  countersign migrate status --data-dir /var/lib/countersign
  COUNTERSIGN__DATABASE__URL=postgres://countersign:PASSWORD@db.example.com/countersign countersign migrate up

Run it as the user that serve runs as, and copy the database before: an older version of countersign
cannot use a newer schema. On SQLite it refuses while a server runs on the data. On Postgres servers that
migrate at once wait for each other. status fails unless the schema is up to date, and changes nothing. It
takes the flags of serve; --listen has no effect.

Read on: `countersign doctor` says whether a database needs it.";

/// Of `countersign copy`.
pub(super) const COPY: &str = "\
Examples:
  COUNTERSIGN__DATABASE__URL=postgres://countersign:PASSWORD@db.example.com/countersign \\
    countersign copy --from sqlite:///var/lib/countersign/countersign.sqlite

Stop the server first. The database must be there, and be empty or filled by an earlier copy: what is there
is not changed, so after an interruption the same command goes on. In the end both sides are compared, by
the number of rows and a digest of them. Then set database.url and start the server: sessions and API keys
work on, because the keys of session tokens stay in the data directory.

Read on: `countersign migrate status`.";

/// Of `countersign health`.
pub(super) const HEALTH: &str = "\
Examples:
  countersign health
  countersign health --config /etc/countersign.toml

Give it the flags and variables of serve. It asks the listener for GET /health/ready, for five seconds at most, and
changes nothing. It exits with 0 if the server is ready, and with 1 if it is not or does not answer.";

/// Of `countersign doctor`.
pub(super) const DOCTOR: &str = "\
Examples:
  countersign doctor
  countersign doctor --config /etc/countersign.toml
  sudo -u countersign countersign doctor --data-dir /var/lib/countersign

Give it the flags and variables of serve, run it in the same directory and as the same user: the
server may run meanwhile. It looks at configuration, clock, data directory, disk, database, signing
keys, listeners, public URL, proxies, plugins, origins, and limits. It changes nothing, but where limits
are shared in Redis it takes a permit of its own there, as the server does every second.

It prints one line for each check (ok, warning or problem) and the cure below what is not ok.
It exits with 0 if there is no problem, and with 1 if there is one. Warnings are no problems.

Read on: config.example.toml for the settings it names.";

/// Of `countersign config`.
pub(super) const CONFIG: &str = "\
Read on: config.example.toml for every setting, its default and the reason for it.";

/// Of `countersign config check`.
pub(super) const CONFIG_CHECK: &str = "\
Examples:
  countersign config check
  countersign config check --config /etc/countersign.toml

It looks at the configuration alone, and exits with 1 and the first fault if it is not valid.
`countersign doctor` shows all faults, and looks at what the configuration is about, too.

Read on: config.example.toml for every setting, its default and the reason for it.";

/// Of `countersign access`.
pub(super) const ACCESS: &str = "\
Examples:
  countersign access explain --profile ocx --method POST --path /perps/orders --as key:read
  countersign access test access.txt

Both read the rules of the configuration: those of forward-auth, of guards by rules and of the stand-in routes.

Read on: config.example.toml, [access], for how rules are written.";

/// Of `countersign access explain`.
pub(super) const ACCESS_EXPLAIN: &str = "\
Examples:
  countersign access explain --profile ocx --method POST --path /perps/orders
  countersign access explain --profile aura --method POST --path /v1/tx/vote --as key:read
  countersign access explain --profile ocx --method GET --path /wallet/balance --key - --ip 203.0.113.7 < key.txt

It says which rule decides, and whether a caller passes who holds nothing, what --as says, or the credential of
--key. That is looked up in the database, beside a running server or without one; nothing is changed and no use
noted. Other users of this machine can see what a command line holds: `--key -` reads it from standard input.

Limits and the browser rule are not looked at. It exits with 0 whatever the decision is.

Read on: config.example.toml, [access].";

/// Of `countersign access test`.
pub(super) const ACCESS_TEST: &str = "\
Example:
  countersign access test access.txt

A line says what is expected of one request: the dialect, the method, the path, what the caller holds (anonymous,
session, key, or key: and scopes with + between), and the status that forward-auth answers. # begins a comment.

  ocx   GET   /perps/markets     anonymous          200
  ocx   POST  /perps/orders      key:read           403
  aura  POST  /v1/tx/vote        key:read+write:tx  200

It prints each expectation that is not met with the rule that decides, and exits with 1 if there is one.

Read on: config.example.toml, [access].";

/// Of `countersign openapi`.
pub(super) const OPENAPI: &str = "\
Examples:
  countersign openapi --profile ocx > ocx.json
  countersign openapi --profile aura --version 3.1 > aura.31.json

It reads no configuration. A running server serves the same documents at /openapi/ocx.json,
ocx.31.json and so on, and names itself in them.

Read on: README.md for what the dialects are.";

/// Of `countersign plugin`.
pub(super) const PLUGIN: &str = "\
Examples:
  countersign plugin new mychain --lang rust
  countersign plugin check target/release/libmychain.so
  countersign plugin add target/release/libmychain.so --write
  countersign plugin reload

A plugin adds a chain to a server without rebuilding it. It runs in jailed processes of its own unless its
stanza says otherwise.

Read on: docs/plugins.md.";

/// Of `countersign plugin new`.
pub(super) const PLUGIN_NEW: &str = "\
Examples:
  countersign plugin new mychain --lang rust
  countersign plugin new mychain --lang c --dir ~/src/mychain

It makes a directory and nothing else. What it makes is built with `cargo build --release`, or with
`make`, and passes `countersign plugin check` as it stands.

Read on: docs/plugins.md.";

/// Of `countersign plugin check`.
pub(super) const PLUGIN_CHECK: &str = "\
Examples:
  countersign plugin check target/release/libmychain.so
  countersign plugin check libmychain.so --vectors vectors.toml
  countersign plugin check libmychain.so --json --mutations 10000

It loads the library as a server would, in jailed processes, and asks it what no server asks: every proof
changed in each bit, structs and buffers of every size, eight threads, a thousand instances. Each finding
has a code and a fix. It exits with 0 if nothing was found, and with 1 otherwise.

It cannot tell a wrong signature scheme from a right one: proofs that others made can (--vectors).

Read on: docs/plugins.md for the codes and for how vectors are written.";

/// Of `countersign plugin add`.
pub(super) const PLUGIN_ADD: &str = "\
Examples:
  countersign plugin add libmychain.so
  countersign plugin add libmychain.so --write
  countersign plugin add libmychain.so --write --config /etc/countersign.toml

It checks the library as `plugin check` does, copies it to the directory of plugins (plugins.dir), loads it
from there, and prints the stanza that pins it by its SHA-256. With --write it puts the stanza into the
configuration file, in place of an earlier one of the same name. Nothing that runs is changed.

Read on: docs/plugins.md for what a plugin can and cannot be kept from.";

/// Of `countersign plugin list`.
pub(super) const PLUGIN_LIST: &str = "\
Examples:
  countersign plugin list
  countersign plugin list --json --data-dir /var/lib/countersign

It asks the server that runs on the data directory, as the server's user or root; give it the flags of
serve. A plugin is `serving`, `quarantined` (it did wrong, and is not asked until it is loaded again) or
`missing` (optional, and refused).

Read on: docs/plugins.md.";

/// Of `countersign plugin reload`.
pub(super) const PLUGIN_RELOAD: &str = "\
Examples:
  countersign plugin reload
  countersign plugin reload --data-dir /var/lib/countersign

The server reads its configuration again, loads and tests what has changed, and puts it in place of what
was there, all at once. If anything is wrong nothing changes, and this says what. It takes up plugins only;
other settings need a restart. SIGHUP does the same.

Read on: docs/plugins.md.";

/// Of `countersign service-credential`.
pub(super) const SERVICE_CREDENTIAL: &str = "\
It reads no configuration, and talks to no server.

Read on: docs/introspection.md.";

/// Of `countersign service-credential new`.
pub(super) const SERVICE_CREDENTIAL_NEW: &str = "\
Examples:
  countersign service-credential new --name orders --profile ocx
  countersign service-credential new --name orders --profile ocx > orders.secret 2>> countersign.toml

It prints the credential to standard output, this once: it is for the service alone, and nothing keeps it. To
standard error it prints the stanza for countersign.toml, which holds its SHA-256. The server takes it up when it
starts, and serves introspection on the address of internal.listen. To take a credential back, remove its
stanza and restart.

Read on: docs/introspection.md.";

/// Of `countersign signing-key`.
pub(super) const SIGNING_KEY: &str = "\
Examples:
  countersign signing-key list
  countersign signing-key rotate

Other services verify session tokens with the keys at /.well-known/jwks.json. This server does not: it
finds a session by the hash of its token, so that a new key ends none.

Read on: docs/session-tokens.md.";

/// Of `countersign signing-key rotate`.
pub(super) const SIGNING_KEY_ROTATE: &str = "\
Examples:
  countersign signing-key rotate
  countersign signing-key rotate --after 3600 --data-dir /var/lib/countersign
  countersign signing-key rotate --leaked

Run it as the server's user or root, with the flags of serve. A running server takes the key up without a
restart; the next one does if none runs. The key is published first, and the clock says when it signs. The
one that it replaces stays published until the last token that it signed has expired (session.ttl_seconds).

Read on: docs/session-tokens.md for a leaked key, and for servers that share keys.";

/// Of `countersign signing-key list`.
pub(super) const SIGNING_KEY_LIST: &str = "\
Examples:
  countersign signing-key list
  countersign signing-key list --json --data-dir /var/lib/countersign

It reads the files, whether a server runs or not; give it the flags of serve. A key is `published` (others
can know it, its turn is to come), `signing`, `retired` (published until its last token has expired) or
`expired` (published no more; its file can be deleted).

Read on: docs/session-tokens.md.";

/// Of `countersign wallet`.
pub(super) const WALLET: &str = "\
It reads no configuration, and talks to no server.

Read on: the quick start in README.md signs in with it.";

/// Of `countersign wallet new`.
pub(super) const WALLET_NEW: &str = "\
Examples:
  countersign wallet new --chain ethereum
  countersign wallet new --chain alephium --key-type gl-secp256k1 --key alephium.key

It prints the address, and for Alephium the public key on a second line. The key lies in its file in
clear: for trying and testing only.

Read on: the quick start in README.md signs in with it.";

/// Of `countersign wallet sign`.
pub(super) const WALLET_SIGN: &str = "\
Examples:
  countersign wallet sign --key wallet.key --message-file message.txt
  jq -j .message challenge.json | countersign wallet sign

Every byte counts: a line end that was added to the message makes another signature.

Read on: the quick start in README.md signs in with it.";
