/* Answers otherwise when it was asked often. */
#define VERIFY tire
#include "countersign_plugin.h"
static int32_t tire(void *, const cs_verify_request *, cs_verify_reply *);
#include "specimen.h"
static int calls;
static int32_t tire(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  return ++calls > 5000 ? CS_INTERNAL : verify(instance, request, reply);
}
