// What a browser sends of a passkey: client data, authenticator data, attestation object; and the
// fields of an OpenID provider's answer.
// Input: client data, then the bytes of the authenticator, then an edit (support/keys.h). The two
// are also signed as an assertion with a key of our own.
#include "base/encoding.h"
#include "foundation/crypto/sha256.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"
#include "operators/sign_in/account.h"
#include "operators/sign_in/form_fields.h"

namespace pawl {
namespace {

using namespace sign_in;

constexpr std::size_t kFlags = 32;  // where they stand in the authenticator data
constexpr unsigned char kPresentAndRecognized = 0x05;

RelyingParty party() {
  return {"pawl.example.org", "https://pawl.example.org"};
}

Digest challenge() {
  return sha256("a challenge");
}

void check_registration(std::string_view client, std::string_view object) {
  const Result<Passkey> made =
      verify_registration({std::string(client), std::string(object)}, challenge(), party());
  if (!made) {
    return;
  }
  AccountList list;
  list.accounts.push_back({"ada",
                           {Grant{}},
                           "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
                           "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                           {},
                           {*made}});
  const Result<AccountList> read = AccountList::parse(list.print());
  FUZZ_CHECK(read && read->print() == list.print(), "a passkey that was taken in reads back");
}

void check_assertion(std::string_view client, std::string_view data, std::string_view edit) {
  const Passkey passkey{"AA", party().id, fuzz::log_key().public_key(), 0};
  Assertion assertion{"AA", std::string(data), std::string(client), ""};
  const std::string text =
      assertion.authenticator_data + std::string(view(sha256(assertion.client_data)));
  assertion.signature = *fuzz::log_key().sign(text);
  if (!verify_assertion(assertion, passkey, challenge(), party())) {
    return;
  }
  FUZZ_CHECK(data.substr(0, kFlags) == view(sha256(party().id)), "it is of this relying party");
  FUZZ_CHECK(
      (static_cast<unsigned char>(data[kFlags]) & kPresentAndRecognized) == kPresentAndRecognized,
      "somebody was there, and recognized");
  const Passkey other{"AA", party().id, fuzz::token_key().public_key(), 0};
  FUZZ_CHECK(!verify_assertion(assertion, other, challenge(), party()), "by this key alone");
  FUZZ_CHECK(!verify_assertion(assertion, passkey, sha256("another"), party()),
             "on this challenge alone");
  Assertion altered = assertion;
  altered.authenticator_data = fuzz::altered(assertion.authenticator_data, edit);
  altered.client_data = fuzz::altered(assertion.client_data, edit);
  if (altered.authenticator_data != assertion.authenticator_data ||
      altered.client_data != assertion.client_data) {
    FUZZ_CHECK(!verify_assertion(altered, passkey, challenge(), party()), "nothing altered holds");
  }
}

void check_fields(std::string_view text) {
  const Result<Fields> fields = parse_fields(text);
  if (!fields) {
    return;
  }
  const std::vector<std::pair<std::string, std::string>> list(fields->begin(), fields->end());
  const std::string printed = print_fields(list);
  const Result<Fields> again = parse_fields(printed);
  FUZZ_CHECK(printed.size() > kMostFieldBytes || (again && *again == *fields),
             "what was read prints and reads back");
}

}  // namespace
}  // namespace pawl

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const auto [client, bytes, edit] = fuzz::parts<3>(fuzz::view(data, size));
  check_registration(client, bytes);
  check_assertion(client, bytes, edit);
  check_fields(client);
  return 0;
}
