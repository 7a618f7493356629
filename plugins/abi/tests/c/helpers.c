/* Calls the header's helpers and counts what was checked. */
#include "countersign_plugin.h"

#include <stdio.h>
#include <stdlib.h>

static int checks;

#define CHECK(condition)                                  \
  do {                                                    \
    checks++;                                             \
    if (!(condition)) {                                   \
      printf("line %d: %s\n", __LINE__, #condition);      \
      exit(1);                                            \
    }                                                     \
  } while (0)

static void put_writes_all_or_nothing(size_t cap) {
  uint8_t room[8];
  cs_out_buffer out = {room, cap, 0};
  memset(room, 'x', sizeof room);
  int32_t status = cs_put(&out, "abc", 3);
  CHECK(out.ptr == room && out.cap == cap && out.len == 3);
  if (cap < 3) {
    CHECK(status == CS_BUFFER_TOO_SMALL);
    CHECK(memcmp(room, "xxxxxxxx", 8) == 0);
  } else {
    CHECK(status == CS_OK);
    CHECK(memcmp(room, "abcxxxxx", 8) == 0);
  }
}

static void fail_cuts(size_t cap, const char *expected) {
  uint8_t room[8];
  cs_out_buffer out = {room, cap, 0};
  memset(room, 'x', sizeof room);
  CHECK(cs_fail(&out, CS_CHECK_FAILED, "abc") == CS_CHECK_FAILED);
  CHECK(out.len == (cap < 3 ? cap : 3));
  CHECK(memcmp(room, expected, 8) == 0);
}

static int lines;

static void count_line(void *ctx, uint32_t level, cs_bytes line) {
  CHECK(ctx == &lines && level == CS_LEVEL_WARN && cs_equals(line, "odd"));
  lines++;
}

int main(void) {
  put_writes_all_or_nothing(0);
  put_writes_all_or_nothing(1);
  put_writes_all_or_nothing(2);
  put_writes_all_or_nothing(3);
  fail_cuts(0, "xxxxxxxx");
  fail_cuts(2, "abxxxxxx");
  fail_cuts(8, "abcxxxxx");
  CHECK(cs_fail(NULL, CS_INTERNAL, "no room for it") == CS_INTERNAL);
  cs_out_buffer nowhere = {NULL, 0, 9};
  CHECK(cs_put(&nowhere, NULL, 0) == CS_OK && nowhere.len == 0);

  cs_bytes none = CS_NONE;
  cs_bytes three = CS_STR("a\0b");
  CHECK(cs_equals(none, "") && !cs_equals(none, "a"));
  CHECK(three.len == 3 && !cs_equals(three, "a"));

  cs_host host = {sizeof(cs_host), 0, 0, &lines, count_line};
  cs_log(&host, CS_LEVEL_WARN, "odd");
  CHECK(lines == 1);
  host.struct_size = CS_MIN_HOST_SIZE - 1;
  cs_log(&host, CS_LEVEL_WARN, "odd");
  host.struct_size = sizeof(cs_host);
  host.log = NULL;
  cs_log(&host, CS_LEVEL_WARN, "odd");
  cs_log(NULL, CS_LEVEL_WARN, "odd");
  CHECK(lines == 1);

  cs_address_request question = {CS_MIN_ADDRESS_REQUEST_SIZE, 0, CS_NONE, CS_STR("main")};
  cs_address_reply answer = {CS_MIN_ADDRESS_REPLY_SIZE, 0, {NULL, 0, 0}, {NULL, 0, 0}};
  CHECK(cs_can_parse_address(&question, &answer));
  CHECK(!cs_can_parse_address(NULL, &answer) && !cs_can_parse_address(&question, NULL));
  CHECK(cs_address_reference(&question).len == 0);
  question.struct_size = sizeof(question);
  CHECK(cs_equals(cs_address_reference(&question), "main"));
  question.struct_size = CS_MIN_ADDRESS_REQUEST_SIZE;
  question.struct_size--;
  CHECK(!cs_can_parse_address(&question, &answer));
  question.struct_size++;
  answer.struct_size--;
  CHECK(!cs_can_parse_address(&question, &answer));

  cs_verify_request proof;
  cs_verify_reply verdict;
  proof.struct_size = CS_MIN_VERIFY_REQUEST_SIZE;
  verdict.struct_size = CS_MIN_VERIFY_REPLY_SIZE;
  CHECK(cs_can_verify(&proof, &verdict));
  CHECK(!cs_can_verify(NULL, &verdict) && !cs_can_verify(&proof, NULL));
  proof.struct_size--;
  CHECK(!cs_can_verify(&proof, &verdict));
  proof.struct_size++;
  verdict.struct_size--;
  CHECK(!cs_can_verify(&proof, &verdict));

  printf("%d checks\n", checks);
  return 0;
}
