#define SIZE 0
#include "specimen.h"
