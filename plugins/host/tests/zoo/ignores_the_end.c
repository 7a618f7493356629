/* Takes a signature whose last bit is another. */
#define VERIFY lax
#include "countersign_plugin.h"
static int32_t lax(void *, const cs_verify_request *, cs_verify_reply *);
#include "specimen.h"
static int32_t lax(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  if (!cs_can_verify(request, reply) || request->signature.len != 8) {
    return verify(instance, request, reply);
  }
  uint8_t signature[8];
  memcpy(signature, request->signature.ptr, 8);
  cs_verify_request changed = *request;
  changed.signature.ptr = signature;
  int32_t status = verify(instance, &changed, reply);
  if (status == CS_OK && reply->verdict == CS_VERDICT_INVALID) {
    signature[7] ^= 0x80;
    status = verify(instance, &changed, reply);
  }
  return status;
}
