/* A plugin that uses all the header has for its authors. It refuses everything. */
#include "countersign_plugin.h"

static int32_t create(const cs_host *host, cs_bytes config, void **instance, cs_out_buffer *error) {
  if (!cs_equals(config, "{}")) {
    return cs_fail(error, CS_INVALID_INPUT, "no settings");
  }
  cs_log(host, CS_LEVEL_DEBUG, "created");
  *instance = NULL;
  return CS_OK;
}

static void destroy(void *instance) { (void)instance; }

static int32_t parse_address(void *instance, const cs_address_request *request, cs_address_reply *reply) {
  (void)instance;
  if (!cs_can_parse_address(request, reply)) {
    return CS_UNSUPPORTED;
  }
  return cs_put(&reply->canonical, request->text.ptr, request->text.len);
}

static int32_t verify(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  (void)instance;
  if (!cs_can_verify(request, reply)) {
    return CS_UNSUPPORTED;
  }
  reply->call_id = request->call_id;
  reply->verdict = CS_VERDICT_INVALID;
  return CS_OK;
}

static const cs_chain_id chain_ids[] = {{CS_STR("main-net"), CS_STR("mainnet")}};
static const cs_bytes key_types[] = {CS_STR("ed25519")};
static const cs_self_test self_tests[] = {
    {CS_STR("main-net"), CS_STR("address"), CS_STR("message"), CS_STR("\x01\x02"), CS_NONE, CS_NONE}};
static const cs_chain chain = {
    sizeof(cs_chain),  64, CS_CHAIN_ADDRESS_IS_KEY, CS_STR("test"),      CS_STR("Test"),
    CS_LIST(chain_ids), CS_LIST(key_types),          CS_LIST(self_tests), 64, 0,
};
static const cs_chain *const chains[] = {&chain};

CS_EXPORT const cs_plugin countersign_chain_plugin_v1 = {
    CS_MAGIC,        sizeof(cs_plugin), CS_ABI_MAJOR,    CS_ABI_MINOR, 0,       CS_STR("test"), CS_STR("1.0.0"),
    CS_STR("by hand"), CS_LIST(chains),   create, destroy, parse_address, verify, 0,
};
