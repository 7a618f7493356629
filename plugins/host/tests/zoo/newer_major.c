#define MAJOR 2
#include "specimen.h"
