/* Asks the kernel who it is. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>
#define MISBEHAVE status = syscall(SYS_getpid) < 0 ? CS_INVALID_INPUT : CS_OK
#include "specimen.h"
