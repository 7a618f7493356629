#define CHAIN_FLAGS (UINT64_C(1) << 31)
#include "specimen.h"
