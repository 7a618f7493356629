/* Writes into what it was asked with. */
#define MISBEHAVE ((uint8_t *)(uintptr_t)request->address.ptr)[0] ^= 1
#include "specimen.h"
