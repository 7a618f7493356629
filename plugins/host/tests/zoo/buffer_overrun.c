/* Writes behind the buffer. */
#include <string.h>
#define VERIFY bad
#define EXTRA                                                                                            \
  static int32_t bad(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {         \
    if (!is_message(request, "misbehave")) {                                                             \
      return verify(instance, request, reply);                                                           \
    }                                                                                                    \
    reply->call_id = request->call_id;                                                                   \
    reply->verdict = CS_VERDICT_VALID;                                                                   \
    (void)cs_put(&reply->signer, request->address.ptr, request->address.len);                            \
    memset(reply->signer.ptr, 'a', reply->signer.cap + 4);                                                                                                   \
    return CS_OK;                                                                                        \
  }
#include "specimen.h"
