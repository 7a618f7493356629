#define NAMESPACE "eip155"
#include "specimen.h"
