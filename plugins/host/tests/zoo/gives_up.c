/* Has no answer to a signature of zeros. */
#define VERIFY give_up
#include "countersign_plugin.h"
static int32_t give_up(void *, const cs_verify_request *, cs_verify_reply *);
#include "specimen.h"
static int32_t give_up(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  static const uint8_t zeros[8];
  if (cs_can_verify(request, reply) && request->signature.len == 8 && memcmp(request->signature.ptr, zeros, 8) == 0) {
    return CS_INTERNAL;
  }
  return verify(instance, request, reply);
}
