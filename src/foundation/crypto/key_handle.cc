#include "foundation/crypto/key_handle.h"

#include <array>
#include <atomic>
#include <optional>

#include <openssl/core_names.h>
#include <openssl/rsa.h>

namespace pawl::openssl {
namespace {

constexpr int kMinRsaBits = 2048;  // RFC 7518, section 3.3
constexpr int kMaxRsaBits = 8192;  // bounds the time of one verification

std::optional<KeyKind> kind_of(const EVP_PKEY* pkey) {
  if (check_one(EVP_PKEY_is_a(pkey, "ED25519"))) {
    return KeyKind::kEd25519;
  }
  if (check_one(EVP_PKEY_is_a(pkey, "RSA"))) {
    const int bits = EVP_PKEY_get_bits(pkey);
    return bits >= kMinRsaBits && bits <= kMaxRsaBits ? std::optional(KeyKind::kRsa) : std::nullopt;
  }
  // A curve spelled out in parameters may differ from the named one in its generator.
  int explicit_parameters = 0;
  char group[32] = {};
  if (!check_one(EVP_PKEY_is_a(pkey, "EC")) ||
      !check_one(EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                                        &explicit_parameters)) ||
      explicit_parameters != 0 ||
      !check_one(EVP_PKEY_get_group_name(pkey, group, sizeof group, nullptr))) {
    return std::nullopt;
  }
  const std::string_view name = group;
  if (name == "prime256v1" || name == "P-256") {
    return KeyKind::kP256;
  }
  if (name == "secp384r1" || name == "P-384") {
    return KeyKind::kP384;
  }
  return std::nullopt;
}

const EVP_MD* digest_of(Algorithm algorithm) {
  return algorithm == Algorithm::kEs384 ? EVP_sha384() : EVP_sha256();
}

bool set_padding(EVP_PKEY_CTX* context, Algorithm algorithm) {
  if (algorithm == Algorithm::kRs256) {
    return check_positive(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING));
  }
  if (algorithm == Algorithm::kPs256) {  // RFC 7518, section 3.5: MGF1 and salt of the digest
    return check_positive(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING)) &&
           check_positive(EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256())) &&
           check_positive(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST));
  }
  return true;
}

PkeyContext new_context(const KeyHandle& key, Operation operation, Algorithm algorithm) {
  PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.pkey.get(), nullptr));
  if (!check_not_null(context)) {
    return nullptr;
  }
  const bool is_started = operation == Operation::kSign
                              ? check_positive(EVP_PKEY_sign_init(context.get()))
                              : check_positive(EVP_PKEY_verify_init(context.get()));
  if (!is_started || !set_padding(context.get(), algorithm) ||
      !check_positive(EVP_PKEY_CTX_set_signature_md(context.get(), digest_of(algorithm)))) {
    return nullptr;
  }
  return context;
}

struct Slot {
  std::uint64_t key_id = 0;
  Operation operation = Operation::kSign;
  Algorithm algorithm = Algorithm::kEs256;
  PkeyContext context;

  bool holds(const KeyHandle& key, Operation o, Algorithm a) const {
    return context != nullptr && key_id == key.id && operation == o && algorithm == a;
  }
};

// Direct-mapped: two keys on one slot cost set-up time, never correctness.
Slot& slot_of(const KeyHandle& key, Operation operation) {
  thread_local std::array<Slot, 64> slots;
  return slots[(key.id * 2 + (operation == Operation::kSign ? 1 : 0)) % slots.size()];
}

}  // namespace

Result<KeyHandle> adopt_key(Pkey pkey) {
  const std::optional<KeyKind> kind = kind_of(pkey.get());
  if (!kind) {
    return openssl_fail(Code::kMalformed,
                        "unsupported key: expected EC on P-256 or P-384 (by name), Ed25519 or RSA "
                        "of 2048 to 8192 bits");
  }
  std::string ed25519;
  if (*kind == KeyKind::kEd25519) {
    std::optional<std::string> raw = ed25519::public_part(pkey.get());
    if (!raw) {
      return openssl_fail(Code::kInternal, "cannot read an Ed25519 key");
    }
    ed25519 = std::move(*raw);
  }
  static std::atomic<std::uint64_t> next_id{1};
  const std::uint64_t id = next_id.fetch_add(1, std::memory_order_relaxed);
  return KeyHandle{std::move(pkey), *kind, id, std::move(ed25519)};
}

EVP_PKEY_CTX* kept_context(const KeyHandle& key, Operation operation, Algorithm algorithm) {
  Slot& slot = slot_of(key, operation);
  if (!slot.holds(key, operation, algorithm)) {
    slot = {key.id, operation, algorithm, new_context(key, operation, algorithm)};
  }
  return slot.context.get();
}

void drop_context(const KeyHandle& key, Operation operation, Algorithm algorithm) {
  Slot& slot = slot_of(key, operation);
  if (slot.holds(key, operation, algorithm)) {
    slot = {};
  }
}

}  // namespace pawl::openssl
