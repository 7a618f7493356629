/* Puts a buffer of its own in place of the host's. */
#define MISBEHAVE reply->signer.ptr = (uint8_t *)request->address.ptr
#include "specimen.h"
