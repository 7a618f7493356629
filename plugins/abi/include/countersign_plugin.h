/*
 * The C ABI between Countersign and a chain plugin, version 1.0.
 *
 * A chain plugin is a shared library that adds one or more chains to a Countersign server: it reads the addresses of
 * a chain, and checks the signatures of its wallets. It does nothing else. The server writes and parses the messages,
 * makes and consumes nonces, judges domains and times, and keeps everything that is kept.
 *
 * The library exports one data symbol, `countersign_chain_plugin_v1`, of type cs_plugin, and nothing else. The server
 * reads it before it calls anything. This header is all that a plugin in C or C++ needs; in Rust, use the crate
 * `countersign-plugin`. It is C11, clean as C++17, and for 64-bit little-endian targets.
 *
 *
 * THE CONTRACT. It holds for every function of the table.
 *
 * Threads. `create` and `destroy` are called once for an instance, and while they run nothing else does on that
 * instance. Between them `parse_address` and `verify` are called from any threads, also at the same time. No
 * function is ever entered from within itself or another, `log` included. A plugin may be created more than once
 * in a process; instances share nothing that changes.
 *
 * Memory. Every buffer belongs to the host. What a request points to is borrowed, read only, and gone when the
 * call returns. What a reply points to is written within `cap` bytes; `ptr` and `cap` of a buffer are never changed.
 * Nothing is freed across the line, and nothing is handed to the host to be freed. The descriptor and all it points
 * to are constant and stay for the life of the process: a library is never unloaded. cs_host stays where it is
 * until `destroy` has returned, or `create` has failed.
 *
 * Sizes. Structs that may grow begin with `struct_size`. A plugin reads no field of a request, and writes no field of
 * a reply, that does not lie within the `struct_size` it finds there; fields of version 1.0 always do if the size is
 * at least CS_MIN_..._SIZE. To anything smaller, and to a null pointer, it answers CS_UNSUPPORTED. A larger size
 * than it knows is no error.
 *
 * Text. No text is NUL-terminated. What the host hands over as text is UTF-8, and so must be what a plugin returns;
 * a plugin checks what it relies on all the same. Any byte may be in a message, a signature or a public key.
 *
 * Errors. A function returns one of the statuses below; anything else counts as CS_INTERNAL. With any status but
 * CS_OK the host believes nothing in the reply but `error`. A text in `error` is optional, short, without secrets,
 * and cut at CS_MAX_ERROR_LEN.
 *
 * Time. A call is to return within milliseconds. The host gives up after its deadline (200 ms unless the operator
 * sets another), kills the process that the plugin runs in where it can, and stops using the plugin where it cannot.
 *
 * Never. Whatever a plugin is asked, the answer depends on the request and the configuration only: the same request
 * has the same answer, in any order and on any thread. A plugin
 *   - starts no threads and no processes, and never forks or executes;
 *   - opens no file, socket or device, and neither reads standard input nor writes standard output or standard error;
 *   - reads no clock, no randomness and no environment;
 *   - installs no signal handler, and changes no locale, environment, working directory, limit or signal mask;
 *   - never calls exit, abort or longjmp out of a call, and lets no exception out of one;
 *   - runs no code before `create`: it has no constructors, and needs no library but those of C and the compiler.
 * Under the default isolation the kernel enforces most of this: what is tried fails, or ends the plugin's process.
 *
 *
 * TO BUILD A PLUGIN
 *
 *   cc -std=c11 -O2 -fPIC -shared -fvisibility=hidden -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,-Bsymbolic \
 *      -o libexample.so example.c
 */
#ifndef COUNTERSIGN_PLUGIN_H
#define COUNTERSIGN_PLUGIN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#define CS_STATIC_ASSERT(condition, text) static_assert(condition, text)
extern "C" {
#else
#define CS_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif

/* ---- Versions, sizes and limits ---- */

/* The exported symbol, as text. Its number is the major version: a plugin may export more than one. */
#define CS_SYMBOL "countersign_chain_plugin_v1"

/* First eight bytes of the descriptor: `CSCHNPL1`. */
#define CS_MAGIC UINT64_C(0x314C504E48435343)

/* Major version: what is not compatible has another number and another symbol. */
#define CS_ABI_MAJOR UINT16_C(1)

/* Minor version: it grows when fields are appended. */
#define CS_ABI_MINOR UINT16_C(1)

/* Smallest struct_size of each struct that has one: that of version 1.0, for ever. */
#define CS_MIN_DESCRIPTOR_SIZE UINT32_C(128)
#define CS_MIN_CHAIN_SIZE UINT32_C(104)
#define CS_MIN_HOST_SIZE UINT32_C(24)
#define CS_MIN_ADDRESS_REQUEST_SIZE UINT32_C(24)
#define CS_MIN_ADDRESS_REPLY_SIZE UINT32_C(56)
#define CS_MIN_VERIFY_REQUEST_SIZE UINT32_C(128)
#define CS_MIN_VERIFY_REPLY_SIZE UINT32_C(88)

/* Largest struct_size of cs_plugin and cs_chain. */
#define CS_MAX_DESCRIPTOR_SIZE UINT32_C(4096)

/* Limits, in bytes. The host keeps to them, whatever its caller sent. */
#define CS_MAX_CONFIG_LEN UINT32_C(65536)     /* configuration handed to `create` */
#define CS_MAX_TEXT_LEN UINT32_C(1024)        /* text that `parse_address` is asked about */
#define CS_MAX_ADDRESS_LEN UINT32_C(128)      /* canonical address (CAIP-10) */
#define CS_MAX_SIGNATURE_LEN UINT32_C(16384)  /* signature that a chain may ask for */
#define CS_MAX_PUBLIC_KEY_LEN UINT32_C(4096)  /* public key that a chain may ask for */
#define CS_MAX_MESSAGE_LEN UINT32_C(16384)    /* message */
#define CS_MAX_ERROR_LEN UINT32_C(256)        /* error text */
#define CS_MAX_LOG_LEN UINT32_C(4096)         /* log line; what is longer is cut */

/* Most chains in a descriptor, and most chain ids, key types or self-tests of a chain. */
#define CS_MAX_CHAINS 16
#define CS_MAX_LIST_LEN 64

/* ---- What a call returns: int32_t ---- */

/* The reply holds the answer. */
#define CS_OK INT32_C(0)
/* The input does not have the form that the chain asks for. */
#define CS_INVALID_INPUT INT32_C(1)
/* The plugin does not do this: a chain or key type that it does not list, a struct that is too small. */
#define CS_UNSUPPORTED INT32_C(2)
/* A buffer of the host's is too small. The host does not ask again. */
#define CS_BUFFER_TOO_SMALL INT32_C(3)
/* A fault of the plugin's own. */
#define CS_INTERNAL INT32_C(4)
/* A panic that the plugin contained. In C, use CS_INTERNAL. */
#define CS_PANIC INT32_C(5)
/* The input has the form and fails its own check, for example a checksum. */
#define CS_CHECK_FAILED INT32_C(6)

/* ---- What a proof shows: uint32_t, and only beside CS_OK. The host fills in 0, which is neither. ---- */

/* The proof is a signature of exactly this message by the account. */
#define CS_VERDICT_VALID UINT32_C(0x56414C44)
/* It is not. The complement, so that no single fault makes one from the other. */
#define CS_VERDICT_INVALID UINT32_C(0xA9BEB3BB)

/* ---- Levels of cs_host's `log`: uint32_t ---- */

#define CS_LEVEL_ERROR UINT32_C(1) /* something failed */
#define CS_LEVEL_WARN UINT32_C(2)  /* something is odd */
#define CS_LEVEL_INFO UINT32_C(3)  /* worth knowing */
#define CS_LEVEL_DEBUG UINT32_C(4) /* for whoever looks for a fault */

/*
 * ---- Bits of cs_chain's `flags`: uint64_t ----
 * A host refuses a chain with a bit among the low 32 that it does not know, and passes over those among the high 32.
 */

/*
 * Whoever holds the key of an address holds it on all chains of the namespace, so that a wallet is the same on all of
 * them. The operator has to agree.
 */
#define CS_CHAIN_ADDRESS_IS_KEY (UINT64_C(1) << 0)
/* A proof must carry a public key. */
#define CS_CHAIN_NEEDS_PUBLIC_KEY (UINT64_C(1) << 1)
/* Besides the listed chain ids, the operator may grant others of the namespace. */
#define CS_CHAIN_ANY_REFERENCE (UINT64_C(1) << 2)
/* All flags of this version. */
#define CS_CHAIN_KNOWN (CS_CHAIN_ADDRESS_IS_KEY | CS_CHAIN_NEEDS_PUBLIC_KEY | CS_CHAIN_ANY_REFERENCE)
/* The bits that must be understood. */
#define CS_CHAIN_MUST_UNDERSTAND UINT64_C(0xFFFFFFFF)

/* ---- Buffers ---- */

/* Borrowed bytes: those of a request for the length of the call, those of a descriptor for ever. With `len` 0, `ptr`
 * may be null. */
typedef struct cs_bytes {
  const uint8_t *ptr;
  size_t len;
} cs_bytes;

/*
 * The host's buffer for an answer. Write at most `cap` bytes and set `len`; if the answer does not fit, set `len` to
 * what it would take and return CS_BUFFER_TOO_SMALL. Change nothing else. cs_put() does all this.
 */
typedef struct cs_out_buffer {
  uint8_t *ptr;
  size_t cap;
  size_t len; /* the host fills in 0 */
} cs_out_buffer;

/* ---- What the host offers ---- */

typedef struct cs_host {
  uint32_t struct_size;
  uint16_t abi_minor; /* minor version of the host */
  uint16_t reserved;  /* 0 */
  void *ctx;          /* to be handed to `log` */
  /*
   * Writes a line (UTF-8) into the server's log, at a CS_LEVEL_. Only during a call, from the thread of that call.
   * It copies what it is given, does not fail, and drops lines of a plugin that writes too many. May be null.
   */
  void (*log)(void *ctx, uint32_t level, cs_bytes line);
} cs_host;

/* ---- What is asked, what is answered ---- */

typedef struct cs_address_request {
  uint32_t struct_size;
  uint32_t chain_index; /* which of the plugin's chains; check it against chains_len */
  cs_bytes text;        /* UTF-8, at most CS_MAX_TEXT_LEN bytes; anything may be in it */
  /* Since 1.1, to be read with cs_address_reference(): reference of the chain that the account is said to be on; empty
   * where only the namespace is known. */
  cs_bytes reference;
} cs_address_request;

typedef struct cs_address_reply {
  uint32_t struct_size;
  uint32_t flags;          /* 0 */
  cs_out_buffer canonical; /* with CS_OK: the canonical address */
  /*
   * With CS_INVALID_INPUT and CS_CHECK_FAILED: what would have been accepted, in words that follow "expected". With
   * others: what is wrong, for the server's log.
   */
  cs_out_buffer error;
} cs_address_reply;

typedef struct cs_verify_request {
  uint32_t struct_size;
  uint32_t chain_index;  /* which of the plugin's chains; check it against chains_len */
  uint64_t call_id;      /* to be copied into the reply */
  cs_bytes reference;    /* reference of the chain, for example `mainnet` */
  cs_bytes address;      /* the account's address, canonical */
  cs_bytes message;      /* the bytes that the wallet was given to sign */
  cs_bytes signature;    /* at most the chain's max_signature_len bytes */
  cs_bytes public_key;   /* empty: none; at most the chain's max_public_key_len bytes */
  cs_bytes key_type;     /* one of the chain's key_types; empty: none named */
  const void *evidence;  /* null; room for what a host looked up for a plugin */
  size_t evidence_len;   /* 0 */
} cs_verify_request;

typedef struct cs_verify_reply {
  uint32_t struct_size;
  uint32_t verdict;               /* CS_VERDICT_VALID or CS_VERDICT_INVALID */
  uint64_t call_id;               /* the request's */
  cs_out_buffer signer;           /* with CS_VERDICT_VALID: canonical address of who signed */
  cs_out_buffer error;            /* why the proof is not valid, or what is wrong, for the server's log */
  cs_out_buffer evidence_request; /* without room; what a plugin would have a host look up, in a later version */
} cs_verify_reply;

/* ---- The functions ---- */

/*
 * Creates an instance.
 *
 * Called first, once, and alone. `config` is the JSON object of the operator's stanza, `{}` if there is none: UTF-8, at
 * most CS_MAX_CONFIG_LEN bytes. Unknown settings are to be refused. What is written to `*instance` with CS_OK,
 * null or not, is what the other functions are given. With another status nothing is kept, `destroy` is not
 * called, and `error` says what is wrong in words for the operator; CS_INVALID_INPUT is a mistake in the
 * configuration. `host` may be kept and used until `destroy` has returned.
 */
typedef int32_t (*cs_create_fn)(const cs_host *host, cs_bytes config, void **instance, cs_out_buffer *error);

/* Destroys an instance. Called once, and alone: no call runs, and none comes after. It cannot fail. */
typedef void (*cs_destroy_fn)(void *instance);

/*
 * Reads an address into its one canonical form, which is read as itself.
 *
 * Called from any thread, also while other calls run. Two texts of one account have the same canonical form; texts of
 * different accounts never do. The canonical form is 1 to max_address_len of `-.%a-zA-Z0-9` (CAIP-10).
 * CS_INVALID_INPUT: no address by its form. CS_CHECK_FAILED: it has the form, but for example a wrong checksum, or it
 * is one of another chain than the request's reference. The canonical form does not depend on the reference.
 */
typedef int32_t (*cs_parse_address_fn)(void *instance, const cs_address_request *request, cs_address_reply *reply);

/*
 * Checks that the signature is one of exactly this message, by this account, on this chain.
 *
 * Called from any thread, also while other calls run. First copy `call_id` into the reply. Then check all lengths:
 * a signature or key of the wrong shape is CS_INVALID_INPUT, which is a refusal like CS_VERDICT_INVALID. With
 * CS_VERDICT_VALID, `signer` is the canonical address of who signed; the host compares it with the account's byte for
 * byte. Write `verdict` last. If the wallet signs something that is derived from the message, derive it here.
 */
typedef int32_t (*cs_verify_fn)(void *instance, const cs_verify_request *request, cs_verify_reply *reply);

/* ---- What a plugin says about itself ---- */

/* One chain of a namespace. Frozen: nothing is ever appended. */
typedef struct cs_chain_id {
  cs_bytes reference; /* reference (CAIP-2): 1 to 32 of `-_a-zA-Z0-9`, for example `mainnet` */
  /* How the `Chain ID` line of a message writes it: 1 to 78 of `-_a-zA-Z0-9`; empty: as the reference. No two chain
   * ids of a namespace are written alike. */
  cs_bytes text;
} cs_chain_id;

/* A proof that is valid. Frozen: nothing is ever appended. */
typedef struct cs_self_test {
  cs_bytes reference;  /* reference of the chain */
  cs_bytes address;    /* canonical address of the signer */
  cs_bytes message;    /* the bytes signed */
  cs_bytes signature;  /* the signature */
  cs_bytes public_key; /* empty: the proof carries none */
  cs_bytes key_type;   /* empty: the proof names none */
} cs_self_test;

/* A chain of a plugin: a namespace and what its proofs are made of. */
typedef struct cs_chain {
  uint32_t struct_size;        /* sizeof(cs_chain) */
  uint32_t max_address_len;    /* longest canonical address, at most CS_MAX_ADDRESS_LEN */
  uint64_t flags;              /* CS_CHAIN_ bits */
  cs_bytes namespace_; /* namespace (CAIP-2): 3 to 8 of `-a-z0-9` */
  /* `Solana` in a message's `... with your Solana account:`; 1 to 32 letters, digits, blanks and hyphens, the first
   * and the last a letter or digit. */
  cs_bytes display_name;
  const cs_chain_id *chain_ids; /* at least one unless CS_CHAIN_ANY_REFERENCE */
  size_t chain_ids_len;
  /* Names of the key types it accepts, each 1 to 32 of `-_.a-zA-Z0-9`; none where there is but one. */
  const cs_bytes *key_types;
  size_t key_types_len;
  /* At least one. The host checks them, and that they fail once changed, before it serves the chain. */
  const cs_self_test *self_tests;
  size_t self_tests_len;
  uint32_t max_signature_len;  /* at most CS_MAX_SIGNATURE_LEN; a longer one is refused without a call */
  uint32_t max_public_key_len; /* at most CS_MAX_PUBLIC_KEY_LEN; 0 where none is taken */
} cs_chain;

/* The descriptor of a plugin. Magic, size and version are frozen; a host reads them first, field by field. */
typedef struct cs_plugin {
  uint64_t magic;       /* CS_MAGIC */
  uint32_t struct_size; /* sizeof(cs_plugin) */
  uint16_t abi_major;   /* CS_ABI_MAJOR */
  uint16_t abi_minor;   /* CS_ABI_MINOR */
  uint64_t flags;       /* none yet; low 32 bits: to be understood or refused, high 32: may be passed over */
  cs_bytes name;        /* 3 to 32 of `-a-z0-9` */
  cs_bytes version;     /* 1 to 32 printable ASCII characters */
  cs_bytes build_info;  /* what it was built with, for people; up to 128 printable ASCII characters */
  const cs_chain *const *chains; /* at least one; `chain_index` of a request counts here */
  size_t chains_len;
  cs_create_fn create;               /* never null */
  cs_destroy_fn destroy;             /* never null */
  cs_parse_address_fn parse_address; /* never null */
  cs_verify_fn verify;               /* never null */
  size_t reserved;                   /* 0; room for a function that a later version appends */
} cs_plugin;

/* ---- To write a plugin with ---- */

#if defined(_WIN32)
#define CS_VISIBLE __declspec(dllexport)
#else
#define CS_VISIBLE __attribute__((visibility("default")))
#endif

/* Stands before the definition of the descriptor, and of nothing else. */
#ifdef __cplusplus
#define CS_EXPORT extern "C" CS_VISIBLE
#else
#define CS_EXPORT CS_VISIBLE
#endif

/* A string literal as cs_bytes in an initialiser; "\x01\x02" works, too. */
#define CS_STR(literal) \
  { (const uint8_t *)("" literal), sizeof(literal) - 1 }

/* No bytes, in an initialiser. */
#define CS_NONE \
  { NULL, 0 }

/* A static array, as the two initialisers of a pointer and a length. */
#define CS_LIST(array) (array), sizeof(array) / sizeof((array)[0])

/* Answers: copies `len` bytes into the buffer, or says how many it would take. Returns the status to return. */
static inline int32_t cs_put(cs_out_buffer *out, const void *from, size_t len) {
  out->len = len;
  if (len > out->cap) {
    return CS_BUFFER_TOO_SMALL;
  }
  if (len > 0) {
    memcpy(out->ptr, from, len);
  }
  return CS_OK;
}

/* Fails: writes `text` (NUL-terminated ASCII) into the buffer, cut if need be. Returns `status`. */
static inline int32_t cs_fail(cs_out_buffer *error, int32_t status, const char *text) {
  if (error != NULL) {
    size_t len = strlen(text);
    (void)cs_put(error, text, len < error->cap ? len : error->cap);
  }
  return status;
}

/* Whether the bytes are exactly this NUL-terminated text. */
static inline int cs_equals(cs_bytes bytes, const char *text) {
  size_t len = strlen(text);
  return bytes.len == len && (len == 0 || memcmp(bytes.ptr, text, len) == 0);
}

/* Writes a NUL-terminated line into the server's log, if there is one. Only during a call, from its thread. */
static inline void cs_log(const cs_host *host, uint32_t level, const char *line) {
  cs_bytes bytes = {(const uint8_t *)line, strlen(line)};
  if (host != NULL && host->struct_size >= CS_MIN_HOST_SIZE && host->log != NULL) {
    host->log(host->ctx, level, bytes);
  }
}

/* Whether request and reply hold what version 1.0 has. If not, return CS_UNSUPPORTED and touch neither. */
static inline int cs_can_parse_address(const cs_address_request *request, const cs_address_reply *reply) {
  return request != NULL && request->struct_size >= CS_MIN_ADDRESS_REQUEST_SIZE && reply != NULL &&
         reply->struct_size >= CS_MIN_ADDRESS_REPLY_SIZE;
}

/* The chain that the account is said to be on; empty: not known, or asked by a host of version 1.0. */
static inline cs_bytes cs_address_reference(const cs_address_request *request) {
  cs_bytes none = CS_NONE;
  size_t end = offsetof(cs_address_request, reference) + sizeof(cs_bytes);
  return request->struct_size >= end ? request->reference : none;
}

/* The same for a proof. */
static inline int cs_can_verify(const cs_verify_request *request, const cs_verify_reply *reply) {
  return request != NULL && request->struct_size >= CS_MIN_VERIFY_REQUEST_SIZE && reply != NULL &&
         reply->struct_size >= CS_MIN_VERIFY_REPLY_SIZE;
}

/* Defined by the plugin: `CS_EXPORT const cs_plugin countersign_chain_plugin_v1 = { CS_MAGIC, ... };` */
extern CS_VISIBLE const cs_plugin countersign_chain_plugin_v1;

/* ---- The layout, frozen ---- */

CS_STATIC_ASSERT(sizeof(size_t) == 8 && sizeof(void *) == 8, "64-bit targets only");
CS_STATIC_ASSERT(sizeof(cs_bytes) == 16, "layout of cs_bytes");
CS_STATIC_ASSERT(sizeof(cs_out_buffer) == 24, "layout of cs_out_buffer");
CS_STATIC_ASSERT(sizeof(cs_host) == 24, "layout of cs_host");
CS_STATIC_ASSERT(sizeof(cs_address_request) == 40, "layout of cs_address_request");
CS_STATIC_ASSERT(sizeof(cs_address_reply) == 56, "layout of cs_address_reply");
CS_STATIC_ASSERT(sizeof(cs_verify_request) == 128, "layout of cs_verify_request");
CS_STATIC_ASSERT(sizeof(cs_verify_reply) == 88, "layout of cs_verify_reply");
CS_STATIC_ASSERT(sizeof(cs_chain_id) == 32, "layout of cs_chain_id");
CS_STATIC_ASSERT(sizeof(cs_self_test) == 96, "layout of cs_self_test");
CS_STATIC_ASSERT(sizeof(cs_chain) == 104, "layout of cs_chain");
CS_STATIC_ASSERT(sizeof(cs_plugin) == 128, "layout of cs_plugin");

#ifdef __cplusplus
}
#endif

#endif /* COUNTERSIGN_PLUGIN_H */
