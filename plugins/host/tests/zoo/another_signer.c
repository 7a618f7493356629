/* Calls a proof valid, for somebody else. */
#define MISBEHAVE (void)cs_put(&reply->signer, "bob", 3)
#include "specimen.h"
