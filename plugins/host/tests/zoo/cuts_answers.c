/* Cuts an answer that does not fit. */
#define VERIFY cut
#include "countersign_plugin.h"
static int32_t cut(void *, const cs_verify_request *, cs_verify_reply *);
#include "specimen.h"
static int32_t cut(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  int32_t status = verify(instance, request, reply);
  if (status == CS_BUFFER_TOO_SMALL) {
    memcpy(reply->signer.ptr, request->address.ptr, reply->signer.cap);
    reply->signer.len = reply->signer.cap;
    return CS_OK;
  }
  return status;
}
