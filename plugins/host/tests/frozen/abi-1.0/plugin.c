/*
 * What the frozen library was built from. Neither is ever changed: a host that does not load it any more has broken
 * version 1.0 of the ABI.
 *
 * A chain whose signatures are a checksum of address and message. It uses all of the ABI that a plugin can: two chains,
 * spellings, key types, every flag, settings, the log.
 */
#include "countersign_plugin.h"

static uint64_t checksum(uint64_t sum, cs_bytes of) {
  for (size_t i = 0; i < of.len; i++) {
    sum = (sum ^ of.ptr[i]) * UINT64_C(0x100000001b3);
  }
  return sum;
}

static int strict; /* where an instance points to, if its settings say so */

static int32_t create(const cs_host *host, cs_bytes config, void **instance, cs_out_buffer *error) {
  if (cs_equals(config, "{\"strict\":true}")) {
    *instance = &strict;
  } else if (cs_equals(config, "{}")) {
    *instance = NULL;
  } else {
    return cs_fail(error, CS_INVALID_INPUT, "settings: expected {\"strict\":true} or none");
  }
  cs_log(host, CS_LEVEL_INFO, "created");
  return CS_OK;
}

static void destroy(void *instance) { (void)instance; }

static int32_t parse_address(void *instance, const cs_address_request *request, cs_address_reply *reply) {
  if (!cs_can_parse_address(request, reply) || request->chain_index > 1) {
    return CS_UNSUPPORTED;
  }
  if (request->text.len < 1 || request->text.len > 16) {
    return cs_fail(&reply->error, CS_INVALID_INPUT, "1 to 16 letters");
  }
  uint8_t canonical[16];
  for (size_t i = 0; i < request->text.len; i++) {
    uint8_t letter = request->text.ptr[i];
    int is_capital = letter >= 'A' && letter <= 'Z' && instance == NULL;
    canonical[i] = is_capital ? (uint8_t)(letter + 32) : letter;
    if (canonical[i] < 'a' || canonical[i] > 'z') {
      return cs_fail(&reply->error, CS_INVALID_INPUT, "1 to 16 letters");
    }
  }
  if (request->text.len == 7 && memcmp(canonical, "mallory", 7) == 0) {
    return cs_fail(&reply->error, CS_CHECK_FAILED, "anybody else");
  }
  return cs_put(&reply->canonical, canonical, request->text.len);
}

static int32_t verify(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  (void)instance;
  if (!cs_can_verify(request, reply) || request->chain_index > 1) {
    return CS_UNSUPPORTED;
  }
  reply->call_id = request->call_id;
  if (request->signature.len != 8) {
    return cs_fail(&reply->error, CS_INVALID_INPUT, "8 bytes");
  }
  if (request->public_key.len > 0 && !cs_equals(request->public_key, "toy")) {
    return cs_fail(&reply->error, CS_INVALID_INPUT, "another key");
  }
  uint64_t sum = UINT64_C(0xcbf29ce484222325);
  sum = checksum(checksum(sum, request->address), request->message);
  if (memcmp(&sum, request->signature.ptr, 8) != 0) {
    (void)cs_fail(&reply->error, CS_OK, "another checksum");
    reply->verdict = CS_VERDICT_INVALID;
    return CS_OK;
  }
  int32_t status = cs_put(&reply->signer, request->address.ptr, request->address.len);
  reply->verdict = CS_VERDICT_VALID;
  return status;
}

static const cs_chain_id ids[] = {{CS_STR("main"), CS_STR("mainnet")}, {CS_STR("test"), CS_NONE}};
static const cs_bytes key_types[] = {CS_STR("sum"), CS_STR("sum-2")};
static const cs_self_test tests[] = {
    {CS_STR("main"), CS_STR("alice"), CS_STR("hello"), CS_STR("\xfd\x23\xfa\x4a\x34\xd2\xf0\xed"), CS_STR("toy"),
     CS_STR("sum")},
};
static const cs_chain first = {sizeof(cs_chain), 16,  CS_CHAIN_ADDRESS_IS_KEY | CS_CHAIN_NEEDS_PUBLIC_KEY,
                               CS_STR("frozen"), CS_STR("Frozen Toy"),
                               CS_LIST(ids),     CS_LIST(key_types), CS_LIST(tests), 8, 3};
static const cs_self_test open_tests[] = {
    {CS_STR("anything"), CS_STR("alice"), CS_STR("hello"), CS_STR("\xfd\x23\xfa\x4a\x34\xd2\xf0\xed"), CS_NONE, CS_NONE},
};
static const cs_chain second = {sizeof(cs_chain), 16,   CS_CHAIN_ADDRESS_IS_KEY | CS_CHAIN_ANY_REFERENCE,
                                CS_STR("frozen2"), CS_STR("Frozen2"),
                                NULL, 0,          NULL, 0, CS_LIST(open_tests), 8, 3};
static const cs_chain *const chains[] = {&first, &second};

CS_EXPORT const cs_plugin countersign_chain_plugin_v1 = {
    CS_MAGIC, sizeof(cs_plugin), CS_ABI_MAJOR, CS_ABI_MINOR, 0, CS_STR("frozen"), CS_STR("1.0.0"), CS_STR("cc"),
    CS_LIST(chains), create, destroy, parse_address, verify, 0};
