// CBOR, the COSE envelope and the claims of tokens in CBOR form.
// Input: an item, then an edit of three bytes (support/keys.h). The item is also signed as a
// token's claims, and read as a whole message, as a peer could send it.
#include "base/encoding.h"
#include "foundation/cose/sign1.h"
#include "foundation/ect/ect_cbor.h"
#include "foundation/records/cbor_names.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl {
namespace {

Result<PublicKey> resolve(std::string_view, std::string_view kid) {
  if (kid != "k") {
    return fail(Code::kNotFound, "no such key");
  }
  return fuzz::token_key().public_key();
}

const ect::VerifyOptions kOptions{.check_times = false, .accept_cbor = true};

void check_item(std::string_view bytes) {
  const Result<cbor::Item> any = cbor::read(bytes, {.form = cbor::Form::kAny});
  const Result<cbor::Item> strict = cbor::read(bytes);
  if (!any) {
    FUZZ_CHECK(!strict, "what no form has is not deterministic");
    return;
  }
  const Result<std::string> text = cbor::write(*any);
  FUZZ_CHECK(text, "what was read can be written");
  FUZZ_CHECK(text->size() <= bytes.size(), "the one spelling is the shortest");
  FUZZ_CHECK(strict.has_value() == (*text == bytes), "deterministic is what writing gives");
  const Result<cbor::Item> again = cbor::read(*text);
  FUZZ_CHECK(again && cbor::write(*again) == *text, "what was written reads back");
}

void check_claims_hold(std::string_view bytes) {
  const Result<ect::Claims> claims = ect::read_cbor_claims(bytes);
  if (!claims) {
    FUZZ_CHECK(claims.error().code == Code::kTokenInvalid, "bad claims have a reason");
    return;
  }
  FUZZ_CHECK(ect::check_claims(*claims), "what was accepted keeps the limits of what we issue");
  const Result<std::string> printed = ect::print_cbor(*claims);
  FUZZ_CHECK(printed, "accepted claims can be printed");
  const Result<ect::Claims> back = ect::read_cbor_claims(*printed);
  FUZZ_CHECK(back && ect::print_cbor(*back) == *printed, "printed claims read back");
  const Result<json::Parsed> json_form = json::parse(ect::print(*claims));
  const Result<json::Parsed> json_back = json::parse(ect::print(*back));
  FUZZ_CHECK(json_form && json_back &&
                 json::canonical(json_form->value) == json::canonical(json_back->value),
             "both forms say the same");
}

void check_signed(std::string_view payload, std::string_view edit) {
  cose::Draft draft;
  draft.protected_header = {
      {cbor::Value{cose::kTyp}, cbor::Value{std::string(names::kCoseTypEct)}}};
  draft.kid = "k";
  draft.payload = payload;
  const Result<std::string> bytes = cose::sign(fuzz::token_key(), draft);
  FUZZ_CHECK(bytes, "any payload can be signed");
  const Result<cose::Sign1> message =
      cose::decode(*bytes, cbor::Form::kDeterministic, bytes->size());
  FUZZ_CHECK(message && message->payload == payload, "the payload is what was signed");
  FUZZ_CHECK(cose::verify(*message, fuzz::token_key().public_key(), {"ES256"}),
             "what we sign verifies");
  FUZZ_CHECK(!cose::verify(*message, fuzz::token_key().public_key(), {}), "no alg, no yes");
  FUZZ_CHECK(!cose::verify(*message, fuzz::log_key().public_key(), {"ES256", "EdDSA"}),
             "another key does not verify");
  const Result<ect::Token> token = ect::verify_signed(base64url_encode(*bytes), resolve, kOptions);
  FUZZ_CHECK(token || token.error().code == Code::kTokenInvalid, "a bad token has a reason");
  const std::string other = fuzz::altered(*bytes, edit);
  if (other != *bytes) {
    FUZZ_CHECK(!ect::verify_signed(base64url_encode(other), resolve, kOptions),
               "no altered token verifies");
  }
}

}  // namespace
}  // namespace pawl

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const auto [item, edit] = fuzz::parts<2>(fuzz::view(data, size));
  check_item(item);
  check_claims_hold(item);
  check_signed(item, edit);
  if (const auto message = cose::decode(item, cbor::Form::kAny)) {
    (void)cose::verify(*message, fuzz::token_key().public_key(), {"ES256"});
  }
  return 0;
}
