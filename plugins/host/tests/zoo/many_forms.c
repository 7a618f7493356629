/* Returns addresses as it finds them, in a form that it does not read. */
#define PARSE_ADDRESS as_found
#include "countersign_plugin.h"
static int32_t as_found(void *, const cs_address_request *, cs_address_reply *);
#include "specimen.h"
static int32_t as_found(void *instance, const cs_address_request *request, cs_address_reply *reply) {
  int32_t status = parse_address(instance, request, reply);
  if (status == CS_OK && (request->text.len == 2 || request->text.len == 4)) {
    reply->canonical.ptr[0] -= 32;
  }
  return status;
}
