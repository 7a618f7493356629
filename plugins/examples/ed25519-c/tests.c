/* Tests of the plugin, through its descriptor, and of its signatures. `make check` runs them under sanitizers. */
#include <stdio.h>
#include <stdlib.h>

#include "countersign_plugin.h"
#include "ed25519.h"
#include "vectors.h"

static size_t count;

static void expect(int holds, const char *what) {
  count++;
  if (!holds) {
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
  }
}

static const cs_plugin *const plugin = &countersign_chain_plugin_v1;
static const cs_host host = {sizeof(cs_host), CS_ABI_MINOR, 0, NULL, NULL};

static cs_out_buffer room_of(uint8_t *bytes, size_t size) {
  cs_out_buffer out = {bytes, size, 0};
  return out;
}

static cs_bytes text(const char *literal) {
  cs_bytes bytes = {(const uint8_t *)literal, strlen(literal)};
  return bytes;
}

static void test_vectors(void) {
  for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
    /* Copies of their own, so that the sanitizer sees a byte too far. */
    uint8_t *message = malloc(vectors[i].message_len + 1);
    uint8_t key[ED25519_KEY_LEN];
    uint8_t signature[ED25519_SIGNATURE_LEN];
    expect(message != NULL, "memory");
    memcpy(message, vectors[i].message, vectors[i].message_len);
    memcpy(key, vectors[i].key, sizeof(key));
    memcpy(signature, vectors[i].signature, sizeof(signature));
    int is_valid = ed25519_verify(key, message, vectors[i].message_len, signature);
    expect(is_valid == vectors[i].is_valid, vectors[i].name);
    if (vectors[i].is_valid) {
      for (size_t bit = 0; bit < 8 * sizeof(signature); bit++) {
        signature[bit / 8] ^= (uint8_t)(1 << (bit % 8));
        expect(!ed25519_verify(key, message, vectors[i].message_len, signature), "a flipped bit");
        signature[bit / 8] ^= (uint8_t)(1 << (bit % 8));
      }
    }
    free(message);
  }
}

/* Keys whose y is a small number, and those whose y is that number plus p = 2^255 - 19: its second encoding. */
static void test_keys(void) {
  static const char holds[19] = {[3] = 1, [4] = 1, [5] = 1, [6] = 1, [9] = 1, [10] = 1, [14] = 1, [15] = 1, [16] = 1,
                                 [18] = 1}; /* 0 and 1 are of small order, the others are no points */
  for (size_t y = 0; y < sizeof(holds); y++) {
    for (unsigned sign = 0; sign < 2; sign++) {
      uint8_t key[ED25519_KEY_LEN] = {(uint8_t)y};
      key[31] = (uint8_t)(sign << 7);
      expect(ed25519_is_key(key) == holds[y], "a key whose y is small");
      memset(key, 0xff, sizeof(key));
      key[0] = (uint8_t)(0xed + y);
      key[31] = (uint8_t)(0x7f | sign << 7);
      expect(!ed25519_is_key(key), "a key in its second encoding");
    }
  }
}

static void test_create(void *instance) {
  uint8_t bytes[64];
  cs_out_buffer error = room_of(bytes, sizeof(bytes));
  expect(plugin->create(&host, text("{}"), &instance, &error) == CS_OK, "no settings");
  plugin->destroy(instance);
  expect(plugin->create(&host, text("{\"a\":1}"), &instance, &error) == CS_INVALID_INPUT, "unknown settings");
  expect(error.len > 0 && error.len <= sizeof(bytes), "words about them");
  const cs_host small = {CS_MIN_HOST_SIZE - 8, 0, 0, NULL, NULL};
  expect(plugin->create(&small, text("{}"), &instance, &error) == CS_UNSUPPORTED, "a host that is too small");
  expect(plugin->create(NULL, text("{}"), &instance, &error) == CS_UNSUPPORTED, "no host");
}

static int32_t read_into(const char *address, uint32_t chain_index, cs_out_buffer *canonical) {
  uint8_t error[CS_MAX_ERROR_LEN];
  cs_address_request request = {sizeof(request), chain_index, text(address), CS_NONE};
  cs_address_reply reply = {sizeof(reply), 0, *canonical, room_of(error, sizeof(error))};
  int32_t status = plugin->parse_address(NULL, &request, &reply);
  *canonical = reply.canonical;
  return status;
}

static int32_t read_address(const char *address, uint32_t chain_index, size_t room) {
  uint8_t bytes[CS_MAX_ADDRESS_LEN];
  cs_out_buffer canonical = room_of(bytes, room);
  int32_t status = read_into(address, chain_index, &canonical);
  if (status == CS_OK) {
    expect(cs_equals((cs_bytes){bytes, canonical.len},
                     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
           "one canonical form");
  }
  return status;
}

static void test_addresses(void) {
  const char *address = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
  const char *capitals = "D75A980182B10AB7D54BFED3C964073A0EE172F3DAA62325AF021A68F707511A";
  const char *zero = "0000000000000000000000000000000000000000000000000000000000000000";
  expect(read_address(address, 0, CS_MAX_ADDRESS_LEN) == CS_OK, "an address");
  expect(read_address(capitals, 0, CS_MAX_ADDRESS_LEN) == CS_OK, "capitals");
  expect(read_address(address, 0, 64) == CS_OK, "exactly enough room");
  expect(read_address(address, 0, 63) == CS_BUFFER_TOO_SMALL, "a byte too little room");
  expect(read_address(address, 0, 0) == CS_BUFFER_TOO_SMALL, "no room");
  expect(read_address(address, 1, CS_MAX_ADDRESS_LEN) == CS_UNSUPPORTED, "another chain");
  expect(read_address(zero, 0, CS_MAX_ADDRESS_LEN) == CS_CHECK_FAILED, "a key of small order");
  expect(read_address("", 0, CS_MAX_ADDRESS_LEN) == CS_INVALID_INPUT, "nothing");
  expect(read_address(address + 1, 0, CS_MAX_ADDRESS_LEN) == CS_INVALID_INPUT, "a digit less");
  const char *longer = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a0";
  expect(read_address(longer, 0, CS_MAX_ADDRESS_LEN) == CS_INVALID_INPUT, "a digit more");
  for (size_t at = 0; at < 64; at++) {
    char other[65];
    memcpy(other, address, sizeof(other));
    other[at] = "g/:@G`\n "[at % 8];
    expect(read_address(other, 0, CS_MAX_ADDRESS_LEN) == CS_INVALID_INPUT, "what is no digit");
  }
  const char *no_point = "0200000000000000000000000000000000000000000000000000000000000000";
  expect(read_address(no_point, 0, CS_MAX_ADDRESS_LEN) == CS_CHECK_FAILED, "a key that is no point");
  expect(plugin->parse_address(NULL, NULL, NULL) == CS_UNSUPPORTED, "null pointers");
}

/* Asks about the first proof of the plugin's own, after `change`. */
static int32_t ask(void (*change)(cs_verify_request *, cs_verify_reply *), uint32_t *verdict) {
  static uint8_t signer[CS_MAX_ADDRESS_LEN];
  static uint8_t error[CS_MAX_ERROR_LEN];
  const cs_self_test *test = &plugin->chains[0]->self_tests[0];
  cs_verify_request request = {sizeof(request), 0, 42, test->reference, test->address, test->message, test->signature,
                               test->public_key, test->key_type, NULL, 0};
  cs_verify_reply reply = {sizeof(reply), 0, 0, room_of(signer, sizeof(signer)), room_of(error, sizeof(error)),
                           room_of(NULL, 0)};
  change(&request, &reply);
  int32_t status = plugin->verify(NULL, &request, &reply);
  *verdict = reply.verdict;
  expect(status == CS_UNSUPPORTED || reply.call_id == 42, "the echo");
  expect(reply.verdict != CS_VERDICT_VALID ||
             (reply.signer.len == test->address.len && memcmp(signer, test->address.ptr, reply.signer.len) == 0),
         "the signer");
  return status;
}

static void nothing(cs_verify_request *request, cs_verify_reply *reply) { (void)request, (void)reply; }
static void cut_message(cs_verify_request *request, cs_verify_reply *reply) { (void)reply, request->message.len--; }
static void cut_signature(cs_verify_request *request, cs_verify_reply *reply) { (void)reply, request->signature.len--; }
static void other_chain(cs_verify_request *request, cs_verify_reply *reply) { (void)reply, request->chain_index = 7; }
static void other_key(cs_verify_request *request, cs_verify_reply *reply) {
  (void)reply, request->public_key = (cs_bytes){request->signature.ptr, ED25519_KEY_LEN};
}
/* Of the second proof, which carries one. */
static void cut_key(cs_verify_request *request, cs_verify_reply *reply) {
  const cs_self_test *test = &plugin->chains[0]->self_tests[1];
  (void)reply, request->address = test->address, request->message = test->message;
  request->signature = test->signature;
  request->public_key = (cs_bytes){test->public_key.ptr, ED25519_KEY_LEN - 1};
}
static void long_signature(cs_verify_request *request, cs_verify_reply *reply) {
  static uint8_t longer[ED25519_SIGNATURE_LEN + 1];
  memcpy(longer, request->signature.ptr, ED25519_SIGNATURE_LEN);
  (void)reply, request->signature = (cs_bytes){longer, sizeof(longer)};
}
static void other_reference(cs_verify_request *request, cs_verify_reply *reply) {
  (void)reply, request->reference = text("other");
}
static void some_key_type(cs_verify_request *request, cs_verify_reply *reply) {
  (void)reply, request->key_type = text("ed25519");
}
static void small_request(cs_verify_request *request, cs_verify_reply *reply) {
  (void)reply, request->struct_size = CS_MIN_VERIFY_REQUEST_SIZE - 8;
}
static void small_reply(cs_verify_request *request, cs_verify_reply *reply) {
  (void)request, reply->struct_size = CS_MIN_VERIFY_REPLY_SIZE - 8;
}
static void little_room(cs_verify_request *request, cs_verify_reply *reply) { (void)request, reply->signer.cap = 1; }

static void test_proofs(void) {
  uint32_t verdict;
  expect(ask(nothing, &verdict) == CS_OK && verdict == CS_VERDICT_VALID, "a proof");
  expect(ask(cut_message, &verdict) == CS_OK && verdict == CS_VERDICT_INVALID, "another message");
  expect(ask(cut_signature, &verdict) == CS_INVALID_INPUT && verdict == 0, "a cut signature");
  expect(ask(other_key, &verdict) == CS_INVALID_INPUT && verdict == 0, "another public key");
  expect(ask(cut_key, &verdict) == CS_INVALID_INPUT && verdict == 0, "a cut public key");
  expect(ask(long_signature, &verdict) == CS_INVALID_INPUT && verdict == 0, "a longer signature");
  expect(ask(other_reference, &verdict) == CS_UNSUPPORTED && verdict == 0, "another reference");
  expect(ask(some_key_type, &verdict) == CS_UNSUPPORTED && verdict == 0, "a key type");
  expect(ask(other_chain, &verdict) == CS_UNSUPPORTED && verdict == 0, "another chain");
  expect(ask(small_request, &verdict) == CS_UNSUPPORTED && verdict == 0, "a request that is too small");
  expect(ask(small_reply, &verdict) == CS_UNSUPPORTED && verdict == 0, "a reply that is too small");
  expect(ask(little_room, &verdict) == CS_BUFFER_TOO_SMALL && verdict == 0, "too little room");
  expect(plugin->verify(NULL, NULL, NULL) == CS_UNSUPPORTED, "null pointers");
}

int main(void) {
  test_vectors();
  test_keys();
  test_create(NULL);
  test_addresses();
  test_proofs();
  printf("%zu checks, all well\n", count);
  return 0;
}
