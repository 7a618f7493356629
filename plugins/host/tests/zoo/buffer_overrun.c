/* Writes behind the buffer. */
#define MISBEHAVE memset(reply->signer.ptr, 'a', reply->signer.cap + 4)
#include "specimen.h"
