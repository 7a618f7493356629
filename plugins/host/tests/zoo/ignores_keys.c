/* Takes no notice of the public key that is sent. */
#define VERIFY any_key
#include "countersign_plugin.h"
static int32_t any_key(void *, const cs_verify_request *, cs_verify_reply *);
#include "specimen.h"
static int32_t any_key(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  if (!cs_can_verify(request, reply)) {
    return CS_UNSUPPORTED;
  }
  cs_verify_request without = *request;
  without.public_key.len = 0;
  return verify(instance, &without, reply);
}
