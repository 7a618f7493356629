/* Answers for chains that it does not have. */
#define VERIFY any
#include "countersign_plugin.h"
static int32_t any(void *, const cs_verify_request *, cs_verify_reply *);
#include "specimen.h"
static int32_t any(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  if (!cs_can_verify(request, reply)) {
    return CS_UNSUPPORTED;
  }
  cs_verify_request first = *request;
  first.chain_index = 0;
  return verify(instance, &first, reply);
}
