// Lines to a signer's process, and the texts that it is asked to sign.
// Input: a line; then the edit of a good record and of a good checkpoint (support/keys.h).
#include "foundation/signer/signable.h"

#include "foundation/jose/jws.h"
#include "foundation/keys/signer_wire.h"
#include "foundation/ledger/checkpoint.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl::signer {
namespace {

constexpr WallTime kNow{1'772'064'150'000'000};

Signable signable() {
  return Signable({"spiffe://example.org/pawl/gw1", "example.org/pawl/gw1", "k",
                   fuzz::token_key().public_key(), fuzz::log_key().public_key()});
}

// Whatever is signed is a token that reads, of this issuer.
void check_record(const std::string& text) {
  if (!signable().record(text, kNow)) {
    return;
  }
  const Result<jose::Jws> jws = jose::decode(text + ".AA", 1 << 20);
  if (jws) {
    FUZZ_CHECK(json::find_string(jws->payload, {"iss"}) == "spiffe://example.org/pawl/gw1",
               "only records of the instance are signed");
  } else {
    FUZZ_CHECK(text.find("Signature1") != std::string::npos, "or statements over them");
  }
}

void check_head(const std::string& text) {
  Signable one = signable();
  if (!one.checkpoint(text)) {
    FUZZ_CHECK(one.heads().empty(), "nothing is remembered of a refusal");
    return;
  }
  const Result<ledger::TreeHead> head = ledger::parse_head(text);
  FUZZ_CHECK(head && head->origin.starts_with("example.org/pawl/gw1"), "a head of the instance");
  FUZZ_CHECK(one.checkpoint(text), "and again");
  const ledger::TreeHead other{head->origin, head->size, sha256("another root"), {}};
  FUZZ_CHECK(!one.checkpoint(ledger::print_head(other)), "and no second root of its size");
}

}  // namespace
}  // namespace pawl::signer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::signer;
  static const std::string record = [] {
    const std::string token = *jose::sign(
        fuzz::token_key(), "exec+jwt", "k",
        R"({"iss":"spiffe://example.org/pawl/gw1","aud":["spiffe://example.org/pawl/gw1/ledger"],)"
        R"("iat":1772064150,"exp":1772064750,"jti":"019c96f1-2e70-7c4b-9d1a-000000000001",)"
        R"("exec_act":"tool.call","pred":[],"ect_ext":{"pawl.profile":"urn:pawl:profile:1"}})");
    return token.substr(0, token.rfind('.'));
  }();
  static const std::string head =
      ledger::print_head({"example.org/pawl/gw1", 7, sha256("root"), {}});
  FUZZ_CHECK(signable().record(record, kNow) && signable().checkpoint(head),
             "good ones are signed");
  const auto [line, edit] = fuzz::parts<2>(fuzz::view(data, size));
  if (const Result<Request> request = parse_request(line)) {
    const Result<Request> again = parse_request(print_request(*request));
    FUZZ_CHECK(again && again->key == request->key && again->is_public == request->is_public &&
                   again->text == request->text,
               "a question reads back");
    check_record(request->text);
    check_head(request->text);
  }
  check_record(std::string(line));
  check_head(std::string(line));
  check_record(fuzz::altered(record, edit));
  check_head(fuzz::altered(head, edit));
  return 0;
}
