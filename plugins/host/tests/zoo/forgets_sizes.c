/* Refuses structs that are too small, with another status than the header says. */
#define VERIFY other_status
#include "countersign_plugin.h"
static int32_t other_status(void *, const cs_verify_request *, cs_verify_reply *);
#include "specimen.h"
static int32_t other_status(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  return cs_can_verify(request, reply) ? verify(instance, request, reply) : CS_INTERNAL;
}
