#include "infrastructure/identity/spiffe_bundle.h"

#include <optional>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

constexpr std::size_t kMaxKeys = 1000;
constexpr json::Limits kLimits{.max_bytes = 1024 * 1024, .max_depth = 8, .max_members = 50'000};

Result<std::optional<std::int64_t>> whole_number(const json::Value& bundle, std::string_view name) {
  const json::Value* value = json::find(bundle, {name});
  if (value == nullptr) {
    return std::optional<std::int64_t>();
  }
  if (!value->is_int64() || value->get_int64() < 0) {
    return fail(Code::kMalformed,
                "bundle: expected " + std::string(name) + ", a whole number of at most 63 bits");
  }
  return std::optional<std::int64_t>(value->get_int64());
}

// The certificate of an entry, in DER form; empty: it has none, or is of another key than it says.
std::string certificate_of(const json::Value& entry) {
  const json::Value* list = json::find(entry, {"x5c"});
  const json::Array* certificates = list != nullptr ? list->if_array() : nullptr;
  if (certificates == nullptr || certificates->empty() || !certificates->front().is_string()) {
    return "";
  }
  const Result<std::string> der = base64_decode(certificates->front().get_string());
  const Result<CertificateChain> read = der ? CertificateChain::of_der({*der}) : fail(der.error());
  if (!read) {
    return "";
  }
  const Result<PublicKey> said = PublicKey::from_jwk(entry);
  const Result<PublicKey> held = read->key();
  const bool is_same = !said || !held || said->thumbprint() == held->thumbprint();
  return is_same ? *der : std::string();
}

Result<jose::JwkSet> key_set(const json::Array& keys) {
  return jose::JwkSet::parse(json::print(json::Object{{"keys", keys}}));
}

// As a key for signatures, which is what the entry is for; nullopt: no signature that is known
// here.
std::optional<json::Value> as_signing_key(const json::Value& entry) {
  json::Object key(entry.get_object());
  key.erase("use");
  return key_set(json::Array{key}) ? std::optional<json::Value>(std::move(key)) : std::nullopt;
}

// The usable keys of one kind. kMalformed: two of one kid.
Result<jose::JwkSet> keys_of(const json::Array& keys) {
  return keys.empty() ? Result<jose::JwkSet>(jose::JwkSet()) : key_set(keys);
}

}  // namespace

Result<SpiffeBundle> read_bundle(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text, kLimits);
  if (!parsed) {
    return fail_at("bundle", parsed.error());
  }
  const json::Value* keys = json::find(parsed->value, {"keys"});
  if (keys == nullptr || !keys->is_array()) {
    return fail(Code::kMalformed, "bundle: expected an object with an array 'keys'");
  }
  if (keys->get_array().size() > kMaxKeys) {
    return fail(Code::kTooLarge, "bundle: more than " + std::to_string(kMaxKeys) + " keys");
  }
  SpiffeBundle out;
  json::Array jwt, wit;
  for (const json::Value& entry : keys->get_array()) {
    const std::string_view use =
        entry.is_object() ? json::find_string(entry, {"use"}).value_or("") : "";
    if (use == "jwt-svid" || use == "wit-svid") {
      if (std::optional<json::Value> key = as_signing_key(entry)) {
        (use == "jwt-svid" ? jwt : wit).push_back(*std::move(key));
      } else {
        ++out.skipped;
      }
    } else if (use != "x509-svid" || !out.authorities.add(certificate_of(entry))) {
      ++out.skipped;
    }
  }
  Result<jose::JwkSet> jwt_keys = keys_of(jwt);
  Result<jose::JwkSet> wit_keys = keys_of(wit);
  const auto sequence = whole_number(parsed->value, "spiffe_sequence");
  const auto hint = whole_number(parsed->value, "spiffe_refresh_hint");
  if (!jwt_keys || !wit_keys) {
    return fail_at("bundle", !jwt_keys ? jwt_keys.error() : wit_keys.error());
  }
  if (!sequence || !hint) {
    return fail(!sequence ? sequence.error() : hint.error());
  }
  out.jwt_keys = *std::move(jwt_keys);
  out.wit_keys = *std::move(wit_keys);
  out.sequence = *sequence;
  out.refresh_hint_s = *hint;
  return out;
}

Status check_follows(const SpiffeBundle& fresh, const SpiffeBundle& before) {
  if (!before.sequence || !plugged(ControlId::kBundleSequence)) {
    return {};
  }
  const std::string was = std::to_string(*before.sequence);
  if (!fresh.sequence) {
    return fail(Code::kConflict, "bundle: it has no spiffe_sequence; the one in use has " + was);
  }
  if (*fresh.sequence < *before.sequence) {
    return fail(Code::kConflict, "bundle: spiffe_sequence went back from " + was + " to " +
                                     std::to_string(*fresh.sequence));
  }
  return {};
}

}  // namespace pawl::identity
