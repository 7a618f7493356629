#define CHAIN_FLAGS CS_CHAIN_ADDRESS_IS_KEY
#include "specimen.h"
