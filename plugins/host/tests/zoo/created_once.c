/* Can be created once. */
#define CREATE once
#include "countersign_plugin.h"
static int32_t once(const cs_host *, cs_bytes, void **, cs_out_buffer *);
#include "specimen.h"
static int32_t once(const cs_host *host, cs_bytes config, void **instance, cs_out_buffer *error) {
  static int created;
  return created++ > 0 ? cs_fail(error, CS_INTERNAL, "again?") : create(host, config, instance, error);
}
