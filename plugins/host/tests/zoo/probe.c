/*
 * Tries what the jail forbids, and says in its error text what succeeded: nothing. Its constructor tries, too, because
 * that runs before anybody has asked the plugin anything.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static char succeeded[256];

static void note(const char *what, long result) {
  if (result >= 0) {
    size_t used = 0;
    while (succeeded[used] != '\0') {
      used++;
    }
    snprintf(succeeded + used, sizeof succeeded - used, "%s ", what);
  }
}

static void try_paths(void) {
  note("read", open("/etc/passwd", O_RDONLY));
  note("write", open("/tmp/countersign-probe", O_CREAT | O_WRONLY, 0600));
  note("list", open("/", O_RDONLY | O_DIRECTORY));
  note("proc", open("/proc/self/environ", O_RDONLY));
  note("socket", socket(AF_INET, SOCK_STREAM, 0));
  note("unix", socket(AF_UNIX, SOCK_STREAM, 0));
  note("fork", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
  note("clone3", syscall(SYS_clone3, NULL, 0));
  char *const arguments[] = {"/bin/true", NULL};
  note("exec", execve("/bin/true", arguments, arguments + 1));
  note("kill", kill(getppid(), 0));
  note("ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
  note("unshare", unshare(CLONE_NEWUSER));
  note("memfd", (long)syscall(SYS_memfd_create, "x", 0));
  note("HOME", getenv("HOME") == NULL ? -1 : 0);
  note("PATH", getenv("PATH") == NULL ? -1 : 0);
}

static void try_after_loading(void) {
  void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  note("protect", mprotect(code, 4096, PROT_READ | PROT_EXEC));
  void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  note("exec-map", map == MAP_FAILED ? -1 : 0);
  note("dumpable", prctl(PR_SET_DUMPABLE, 1));
}

__attribute__((constructor)) static void run(void) { try_paths(); }

#define MISBEHAVE                 \
  try_paths();                    \
  try_after_loading();            \
  status = cs_fail(&reply->error, CS_INVALID_INPUT, succeeded)
#define PARSE_ADDRESS report
#include "countersign_plugin.h"
static int32_t report(void *instance, const cs_address_request *request, cs_address_reply *reply);
#include "specimen.h"

/* Asked about the address "report", it says what succeeded. */
static int32_t report(void *instance, const cs_address_request *request, cs_address_reply *reply) {
  if (cs_equals(request->text, "report")) {
    return cs_fail(&reply->error, CS_INVALID_INPUT, succeeded[0] == '\0' ? "nothing" : succeeded);
  }
  return parse_address(instance, request, reply);
}
