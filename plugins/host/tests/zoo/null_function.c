#define VERIFY NULL
#include "specimen.h"
