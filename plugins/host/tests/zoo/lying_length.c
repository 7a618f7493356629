/* Claims more bytes than there is room for. */
#define MISBEHAVE reply->signer.len = 1 << 20
#include "specimen.h"
