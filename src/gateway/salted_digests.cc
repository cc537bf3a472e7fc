#include "gateway/salted_digests.h"

#include "base/json.h"
#include "foundation/crypto/salted_digest.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.append(out.empty() ? "" : ",");
  json::append_quoted(out, name);
  out += ':';
  json::append_quoted(out, text);
}

}  // namespace

SaltedDigests::SaltedDigests(DigestSalts* salts, const Uuid& record, const SaltedDigest& input)
    : salts_(salts), record_(record), is_made_(true), key_(input.key) {
  append_member(members_, names::kSaltedInp, input.digest);
}

Status SaltedDigests::has_key() {
  if (!key_.empty() || salts_ == nullptr) {
    return {};
  }
  Result<std::string> key = salts_->key_for(now_);
  if (!key) {
    return fail(key.error());
  }
  key_ = *std::move(key);
  return {};
}

void SaltedDigests::add(std::string_view of, const Digest& plain) {
  if (!is_on()) {
    return;
  }
  const Result<std::string> salt = salts_ != nullptr && has_key() ? salts_->salt(key_, record_, of)
                                                                  : fail(Code::kNotFound, "no key");
  if (!salt) {
    left_out_ = true;
    return;
  }
  append_member(members_, of, digest_text(salted_digest(*salt, plain)));
}

void SaltedDigests::add_text(std::string_view of, const std::string& plain) {
  if (const std::optional<Digest> digest = read_digest(plain)) {
    add(of, *digest);
  }
}

std::string SaltedDigests::text() const {
  if (members_.empty()) {
    return left_out_ ? "{}" : "";
  }
  std::string out;
  append_member(out, names::kSaltedKey, key_);
  return "{" + out + "," + members_ + "}";
}

bool is_salted_input(DigestSalts* salts, const Uuid& record, const SaltedDigest& salted,
                     std::string_view plain) {
  const std::optional<Digest> digest = read_digest(plain);
  const Result<std::string> salt = digest && salts != nullptr && !salted.digest.empty()
                                       ? salts->salt(salted.key, record, names::kSaltedInp)
                                       : fail(Code::kNotFound, "nothing to compare");
  return salt && digest_text(salted_digest(*salt, *digest)) == salted.digest;
}

}  // namespace pawl
