/*
 * A chain whose addresses are public keys of Ed25519 in hex, and whose wallets sign the bytes of a message as they are.
 */
#define NAME "ed25519-c"
#define NAMESPACE "example"
#define DISPLAY_NAME "Example"

#include "countersign_plugin.h"
#include "ed25519.h"

#define ADDRESS_LEN 64 /* two digits for each byte of a key */

/* ---- What the plugin says about itself ---- */

/* The reference is the spelling in messages, too. */
static const cs_chain_id chain_ids[] = {{CS_STR("main"), CS_NONE}};

/* Made with another library than ours, pyca/cryptography. */
static const cs_self_test self_tests[] = {
    {
        CS_STR("main"),
        CS_STR("691cc9503b6bbe512027e8bfd511bae55235cefb0502252c328c7249e63e5aea"),
        CS_STR("Sign in to the harbour office.\n"
               "\n"
               "Nonce: 7Zk2wQm9Xr4T\n"
               "Issued At: 2026-03-01T12:00:00Z"),
        CS_STR("\x21\x5b\xdf\x30\xd7\xb9\x0b\xbe\x56\x25\xef\x5e\x4b\xd2\xfb\x7c"
               "\x75\x6e\xde\x06\x04\xcd\xc7\xf7\x9a\x38\x52\xd0\xd2\x8f\x48\xf9"
               "\xaf\xb7\xef\x5c\x5b\x54\x16\xe4\xd9\x98\xc8\xbf\x2a\x06\xe3\x02"
               "\x88\x04\xc4\xd9\x8b\x48\x21\xbb\x62\xb0\x14\x82\x2d\x57\x1a\x08"),
        CS_NONE,
        CS_NONE,
    },
    {
        CS_STR("main"),
        CS_STR("feead787a06878f742e1db20fa1190788677a14cb9968a4244edf39f0857a1f9"),
        CS_STR("hello"),
        CS_STR("\x9c\x37\xc6\xf5\xd1\x0a\x19\xae\x54\x35\x68\xac\x0d\xb9\x34\x96"
               "\xa6\x61\x40\xe1\xe4\x05\xe8\x8e\x0a\x8a\x8d\xfc\xe4\xba\x48\x62"
               "\xe5\x90\x91\x80\x22\x95\xd8\x83\x0c\x0c\xe8\x2d\xf0\x67\x95\x6f"
               "\xf7\xe6\x08\xc4\xad\x53\x41\x87\x3a\x03\xa9\x46\xc3\xb6\xdc\x01"),
        CS_STR("\xfe\xea\xd7\x87\xa0\x68\x78\xf7\x42\xe1\xdb\x20\xfa\x11\x90\x78"
               "\x86\x77\xa1\x4c\xb9\x96\x8a\x42\x44\xed\xf3\x9f\x08\x57\xa1\xf9"),
        CS_NONE,
    },
    {
        CS_STR("main"),
        CS_STR("54d4438ebc551994ed1691871bd743ba4609814c11d137366d2a476b8ad645f0"),
        CS_STR("Grüße, 你好, καλημέρα ⚓"),
        CS_STR("\x41\x9e\x4f\x30\x51\x09\xee\x02\xfa\xb8\x8d\x9c\xc2\x6d\x00\xbb"
               "\x8a\x13\x41\xbd\xe7\x3c\xd0\x7b\xe9\x53\x36\x09\x6f\xe1\xab\x40"
               "\x43\xb1\x0a\x74\x79\xa8\xe6\x49\xf7\xd9\x9b\xc6\x5e\xeb\x40\x63"
               "\x0c\x60\x5e\xe8\xcd\x69\x2d\xd2\x61\x30\x2d\x60\x87\x4f\xf9\x0e"),
        CS_NONE,
        CS_NONE,
    },
};

/* CS_LIST gives two initialisers: the second is for the member behind, the length. */
static const cs_chain chain = {
    .struct_size = sizeof(cs_chain),
    .max_address_len = ADDRESS_LEN,
    .flags = CS_CHAIN_ADDRESS_IS_KEY,
    .namespace_ = CS_STR(NAMESPACE),
    .display_name = CS_STR(DISPLAY_NAME),
    .chain_ids = CS_LIST(chain_ids),
    .self_tests = CS_LIST(self_tests),
    .max_signature_len = ED25519_SIGNATURE_LEN,
    .max_public_key_len = ED25519_KEY_LEN,
};

static const cs_chain *const chains[] = {&chain};

/* ---- Addresses ---- */

/* The value of a hexadecimal digit, or -1. */
static int digit_value(uint8_t digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  if (digit >= 'a' && digit <= 'f') {
    return digit - 'a' + 10;
  }
  if (digit >= 'A' && digit <= 'F') {
    return digit - 'A' + 10;
  }
  return -1;
}

static int32_t read_address(cs_bytes text, uint8_t key[ED25519_KEY_LEN], cs_out_buffer *error) {
  static const char form[] = "64 hexadecimal digits, the 32 bytes of an Ed25519 public key";
  if (text.len != ADDRESS_LEN) {
    return cs_fail(error, CS_INVALID_INPUT, form);
  }
  for (size_t i = 0; i < ED25519_KEY_LEN; i++) {
    int high = digit_value(text.ptr[2 * i]);
    int low = digit_value(text.ptr[2 * i + 1]);
    if (high < 0 || low < 0) {
      return cs_fail(error, CS_INVALID_INPUT, form);
    }
    key[i] = (uint8_t)(16 * high + low);
  }
  if (!ed25519_is_key(key)) {
    return cs_fail(error, CS_CHECK_FAILED, "an Ed25519 public key that a wallet can hold");
  }
  return CS_OK;
}

static int32_t write_address(const uint8_t key[ED25519_KEY_LEN], cs_out_buffer *out) {
  static const char digits[] = "0123456789abcdef";
  char text[ADDRESS_LEN];
  for (size_t i = 0; i < ED25519_KEY_LEN; i++) {
    text[2 * i] = digits[key[i] >> 4];
    text[2 * i + 1] = digits[key[i] & 15];
  }
  return cs_put(out, text, sizeof(text));
}

/* ---- The functions ---- */

static int32_t create(const cs_host *host, cs_bytes config, void **instance, cs_out_buffer *error) {
  if (host == NULL || host->struct_size < CS_MIN_HOST_SIZE || instance == NULL) {
    return CS_UNSUPPORTED;
  }
  if (!cs_equals(config, "{}")) {
    return cs_fail(error, CS_INVALID_INPUT, "the plugin " NAME " has no settings");
  }
  *instance = NULL;
  return CS_OK;
}

static void destroy(void *instance) { (void)instance; }

static int32_t parse_address(void *instance, const cs_address_request *request, cs_address_reply *reply) {
  (void)instance;
  if (!cs_can_parse_address(request, reply)) {
    return CS_UNSUPPORTED;
  }
  if (request->chain_index >= countersign_chain_plugin_v1.chains_len) {
    return cs_fail(&reply->error, CS_UNSUPPORTED, "there is no such chain");
  }
  uint8_t key[ED25519_KEY_LEN];
  int32_t status = read_address(request->text, key, &reply->error);
  if (status != CS_OK) {
    return status;
  }
  return write_address(key, &reply->canonical);
}

static int has_chain_id(cs_bytes reference) {
  for (size_t i = 0; i < chain.chain_ids_len; i++) {
    cs_bytes listed = chain.chain_ids[i].reference;
    if (reference.len == listed.len && memcmp(reference.ptr, listed.ptr, listed.len) == 0) {
      return 1;
    }
  }
  return 0;
}

/* Whether the plugin is asked about something that it lists, in the shape that it takes. */
static int32_t check_shape(const cs_verify_request *request, cs_out_buffer *error) {
  if (request->chain_index >= countersign_chain_plugin_v1.chains_len || !has_chain_id(request->reference)) {
    return cs_fail(error, CS_UNSUPPORTED, "there is no such chain");
  }
  if (request->key_type.len > 0) {
    return cs_fail(error, CS_UNSUPPORTED, "there are no key types");
  }
  if (request->signature.len != ED25519_SIGNATURE_LEN) {
    return cs_fail(error, CS_INVALID_INPUT, "the signature is not 64 bytes long");
  }
  if (request->public_key.len != 0 && request->public_key.len != ED25519_KEY_LEN) {
    return cs_fail(error, CS_INVALID_INPUT, "the public key is not 32 bytes long");
  }
  return CS_OK;
}

static int32_t verify(void *instance, const cs_verify_request *request, cs_verify_reply *reply) {
  (void)instance;
  if (!cs_can_verify(request, reply)) {
    return CS_UNSUPPORTED;
  }
  reply->call_id = request->call_id;
  int32_t status = check_shape(request, &reply->error);
  if (status != CS_OK) {
    return status;
  }
  uint8_t key[ED25519_KEY_LEN];
  status = read_address(request->address, key, &reply->error);
  if (status != CS_OK) {
    return status;
  }
  if (request->public_key.len > 0 && memcmp(request->public_key.ptr, key, sizeof(key)) != 0) {
    return cs_fail(&reply->error, CS_INVALID_INPUT, "the public key sent is not the one in the address");
  }
  if (!ed25519_verify(key, request->message.ptr, request->message.len, request->signature.ptr)) {
    status = cs_fail(&reply->error, CS_OK, "the signature is not of this message by this key");
    reply->verdict = CS_VERDICT_INVALID;
    return status;
  }
  /* The signer is who was checked, not who was claimed; and without room to say so, nothing is valid. */
  status = write_address(key, &reply->signer);
  if (status == CS_OK) {
    reply->verdict = CS_VERDICT_VALID;
  }
  return status;
}

CS_EXPORT const cs_plugin countersign_chain_plugin_v1 = {
    .magic = CS_MAGIC,
    .struct_size = sizeof(cs_plugin),
    .abi_major = CS_ABI_MAJOR,
    .abi_minor = CS_ABI_MINOR,
    .name = CS_STR(NAME),
    .version = CS_STR("1.0.0"),
    .build_info = CS_STR("C11, compiler " __VERSION__),
    .chains = CS_LIST(chains),
    .create = create,
    .destroy = destroy,
    .parse_address = parse_address,
    .verify = verify,
};
