/*
 * A chain whose signatures are a checksum of address and message: nothing to sign in with, enough to be loaded.
 * A specimen defines what it does differently, and includes this.
 */
#include "countersign_plugin.h"

#ifndef MAGIC
#define MAGIC CS_MAGIC
#endif
#ifndef SIZE
#define SIZE sizeof(cs_plugin)
#endif
#ifndef MAJOR
#define MAJOR CS_ABI_MAJOR
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef CHAIN_FLAGS
#define CHAIN_FLAGS 0
#endif
#ifndef NAME
#define NAME "toy"
#endif
#ifndef VERSION
#define VERSION "1.0"
#endif
#ifndef NAMESPACE
#define NAMESPACE "toy"
#endif
#ifndef SIGNATURE
#define SIGNATURE "\xfd\x23\xfa\x4a\x34\xd2\xf0\xed"
#endif
#ifndef CREATE
#define CREATE create
#endif
#ifndef PARSE_ADDRESS
#define PARSE_ADDRESS parse_address
#endif
#ifndef VERIFY
#define VERIFY verify
#endif

static inline int is_message(const cs_verify_request *request, const char *text) {
  return cs_equals(request->message, text);
}

static inline int32_t create(const cs_host *host, cs_bytes config, void **instance, cs_out_buffer *error) {
  (void)host;
  *instance = NULL;
  if (!cs_equals(config, "{}")) {
    return cs_fail(error, CS_INVALID_INPUT, "no settings");
  }
  return CS_OK;
}

static void destroy(void *instance) { (void)instance; }

static inline int32_t parse_address(void *instance, const cs_address_request *request, cs_address_reply *reply) {
  (void)instance;
  if (!cs_can_parse_address(request, reply) || request->chain_index != 0) {
    return CS_UNSUPPORTED;
  }
  if (request->text.len < 1 || request->text.len > 16) {
    return cs_fail(&reply->error, CS_INVALID_INPUT, "1 to 16 letters");
  }
  for (size_t i = 0; i < request->text.len; i++) {
    if (request->text.ptr[i] < 'a' || request->text.ptr[i] > 'z') {
      return cs_fail(&reply->error, CS_INVALID_INPUT, "1 to 16 letters");
    }
  }
  if (cs_equals(request->text, "mallory")) {
    return cs_fail(&reply->error, CS_CHECK_FAILED, "anybody else");
  }
  return cs_put(&reply->canonical, request->text.ptr, request->text.len);
}

static uint64_t checksum(uint64_t sum, cs_bytes of) {
  for (size_t i = 0; i < of.len; i++) {
    sum = (sum ^ of.ptr[i]) * UINT64_C(0x100000001b3);
  }
  return sum;
}

static inline int32_t verify(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  (void)instance;
  if (!cs_can_verify(request, reply) || request->chain_index != 0) {
    return CS_UNSUPPORTED;
  }
  reply->call_id = request->call_id;
  if (request->public_key.len > 0 && !cs_equals(request->public_key, "toy")) {
    return cs_fail(&reply->error, CS_INVALID_INPUT, "the key of all toys");
  }
  if (request->signature.len != 8) {
    return cs_fail(&reply->error, CS_INVALID_INPUT, "8 bytes");
  }
  uint64_t sum = checksum(checksum(UINT64_C(0xcbf29ce484222325), request->address), request->message);
  if (memcmp(&sum, request->signature.ptr, 8) != 0) {
    reply->verdict = CS_VERDICT_INVALID;
    return CS_OK;
  }
  int32_t status = cs_put(&reply->signer, request->address.ptr, request->address.len);
  reply->verdict = CS_VERDICT_VALID;
  return status;
}

#ifdef MISBEHAVE
/* Asked about this, it answers well, and then does what the specimen is about. */
#ifdef WHEN
#elif defined(WHEN_EMPTY)
#define WHEN(request) ((request)->message.len == 0)
#else
#define WHEN(request) is_message(request, "misbehave")
#endif

static inline int32_t misbehave(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  if (!cs_can_verify(request, reply) || !WHEN(request)) {
    return verify(instance, request, reply);
  }
  int32_t status = CS_OK;
  reply->call_id = request->call_id;
  reply->verdict = CS_VERDICT_VALID;
  (void)cs_put(&reply->signer, request->address.ptr, request->address.len);
  MISBEHAVE;
  return status;
}
#undef VERIFY
#define VERIFY misbehave
#endif

static const cs_chain_id ids[] = {{CS_STR("main"), CS_STR("mainnet")}, {CS_STR("test"), CS_NONE}};
static const cs_self_test tests[] = {
    {CS_STR("main"), CS_STR("alice"), CS_STR("hello"), CS_STR(SIGNATURE), CS_NONE, CS_NONE},
#ifndef ONE_PROOF
    {CS_STR("main"), CS_STR("bob"), CS_STR("hello, too"), CS_STR("\x6a\x88\x92\x69\x5c\xa2\x96\x1c"), CS_NONE, CS_NONE},
    {CS_STR("test"), CS_STR("carol"), CS_STR("a third"), CS_STR("\xfc\xdf\xb0\x32\x80\x51\x6d\x53"), CS_NONE, CS_NONE},
#endif
};
static const cs_chain chain = {sizeof(cs_chain), 16,   CHAIN_FLAGS, CS_STR(NAMESPACE), CS_STR("Toy"), CS_LIST(ids),
                               NULL,             0,    CS_LIST(tests), 8,              3};
static const cs_chain *const chains[] = {&chain};

CS_EXPORT const cs_plugin countersign_chain_plugin_v1 = {
    MAGIC,   SIZE,    MAJOR,         CS_ABI_MINOR, FLAGS, CS_STR(NAME), CS_STR(VERSION), CS_STR("cc"), CS_LIST(chains),
    CREATE,  destroy, PARSE_ADDRESS, VERIFY,       0};
