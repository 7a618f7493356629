/* Takes addresses with blanks around them. */
#define PARSE_ADDRESS trim
#include "countersign_plugin.h"
static int32_t trim(void *, const cs_address_request *, cs_address_reply *);
#include "specimen.h"
static int32_t trim(void *instance, const cs_address_request *request, cs_address_reply *reply) {
  if (!cs_can_parse_address(request, reply)) {
    return CS_UNSUPPORTED;
  }
  cs_address_request trimmed = *request;
  while (trimmed.text.len > 0 && trimmed.text.ptr[trimmed.text.len - 1] == ' ') {
    trimmed.text.len--;
  }
  return parse_address(instance, &trimmed, reply);
}
