/* Calls every proof valid. */
#define VERIFY yes
#include "countersign_plugin.h"
static int32_t yes(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  (void)instance;
  reply->call_id = request->call_id;
  reply->verdict = CS_VERDICT_VALID;
  return cs_put(&reply->signer, request->address.ptr, request->address.len);
}
#include "specimen.h"
