// SD-JWTs: what an issuer may have signed, and what somebody sends behind it.
// Input: a payload; disclosures, one a line, as JSON; an edit of three bytes (support/keys.h).
// "$0",
// "$1", ... in the payload and in later disclosures stand for the digests of those before.
#include <set>

#include "base/encoding.h"
#include "foundation/crypto/sha256.h"
#include "foundation/sd_jwt/sd_jwt.h"
#include "foundation/sd_jwt/sd_jwt_issue.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl {
namespace {

Result<PublicKey> resolve(const jose::Jws&) {
  return fuzz::token_key().public_key();
}

const sd_jwt::VerifyOptions kOptions{.check_times = false};

std::string filled(std::string text, const std::vector<std::string>& digests) {
  for (std::size_t i = 0; i < digests.size(); ++i) {
    const std::string mark = "$" + std::to_string(i);
    for (std::size_t at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + digests[i].size())) {
      text.replace(at, mark.size(), digests[i]);
    }
  }
  return text;
}

bool holds_reserved(const json::Value& value) {
  if (const json::Object* object = value.if_object()) {
    for (const auto& member : *object) {
      if (member.key() == sd_jwt::kDigests || member.key() == sd_jwt::kElement ||
          holds_reserved(member.value())) {
        return true;
      }
    }
  } else if (const json::Array* array = value.if_array()) {
    for (const json::Value& one : *array) {
      if (holds_reserved(one)) {
        return true;
      }
    }
  }
  return false;
}

void check_presentations(const std::string& text, const sd_jwt::Processed& all) {
  std::vector<std::string> pointers;
  pointers.reserve(all.places.size());
  for (const sd_jwt::Place& place : all.places) {
    pointers.push_back(place.pointer);
  }
  FUZZ_CHECK(std::set<std::string>(pointers.begin(), pointers.end()).size() == pointers.size(),
             "each disclosure has a place of its own");
  const Result<std::string> whole = sd_jwt::present(text, pointers);
  FUZZ_CHECK(whole && *whole == text, "everything disclosed is what was issued");
  const Result<std::string> none = sd_jwt::present(text, {});
  FUZZ_CHECK(none && sd_jwt::verify(*none, resolve, kOptions), "nothing need be disclosed");
  for (const std::string& pointer : pointers) {
    const Result<std::string> one = sd_jwt::present(text, {pointer});
    FUZZ_CHECK(one && sd_jwt::verify(*one, resolve, kOptions), "any one can be, with its holders");
  }
}

void check_made(std::string_view payload, std::string_view sent, std::string_view edit) {
  std::vector<std::string> digests;
  std::string behind;
  for (const std::string& line : fuzz::lines(sent, 16)) {
    const std::string encoded = base64url_encode(filled(line, digests));
    digests.push_back(digest_text(sha256(encoded)));
    behind += encoded + "~";
  }
  const Result<std::string> jwt =
      jose::sign(fuzz::token_key(), "", "k", filled(std::string(payload), digests));
  FUZZ_CHECK(jwt, "any payload can be signed");
  const std::string text = *jwt + "~" + behind;
  const Result<sd_jwt::Verified> shown = sd_jwt::verify(text, resolve, kOptions);
  const std::string altered = fuzz::altered(text, edit);
  if (altered != text) {
    const Result<sd_jwt::Verified> other = sd_jwt::verify(altered, resolve, kOptions);
    FUZZ_CHECK(!other || other->disclosed < digests.size(), "nothing altered is disclosed");
  }
  if (!shown) {
    FUZZ_CHECK(shown.error().code == Code::kTokenInvalid, "a bad token has a reason");
    return;
  }
  FUZZ_CHECK(!holds_reserved(shown->claims), "no digest is left");
  FUZZ_CHECK(shown->disclosed == digests.size(), "every disclosure found its place");
  check_presentations(text, *sd_jwt::process(*sd_jwt::parse(text)));
}

}  // namespace
}  // namespace pawl

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const std::string_view input = fuzz::view(data, size);
  const auto [payload, sent, edit] = fuzz::parts<3>(input);
  check_made(payload, sent, edit);
  if (const auto token = sd_jwt::parse(input)) {
    (void)sd_jwt::process(*token);
  }
  return 0;
}
