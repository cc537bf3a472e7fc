// Statements of approval and enrollment, the records of both, the snapshot's parts.
// Input: a statement's payload (also a record's body, a snapshot), then an edit (support/keys.h).
#include "foundation/jose/jws.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"
#include "operators/approval/approval_wire.h"
#include "operators/approval/enrollment_wire.h"
#include "operators/approval/statement_wire.h"

namespace pawl::approval {
namespace {

const std::vector<Operator>& operators() {
  static const std::vector<Operator> enrolled = {{"ada",
                                                  fuzz::token_key().public_key(),
                                                  fuzz::token_key().public_key().thumbprint(),
                                                  {"admin", "approver"}}};
  return enrolled;
}

void check_statement_text(std::string_view payload, std::string_view edit) {
  if (const Result<Statement> said = read_statement(payload)) {
    FUZZ_CHECK(canonical_statement(*said) == payload, "a statement has one spelling");
    FUZZ_CHECK(check_binding(said->binding), "its binding can be printed as what it is");
  }
  const std::string& kid = operators().front().kid;
  const auto token = jose::sign(fuzz::token_key(), names::kTypApproval, kid, payload);
  if (!token) {
    return;
  }
  if (const auto verified = verify_statement(*token, operators())) {
    FUZZ_CHECK(verified->statement.key == kid && verified->statement.operator_name == "ada",
               "nobody signs in another's name");
  }
  const std::string other = fuzz::altered(*token, edit);
  FUZZ_CHECK(other == *token || !verify_statement(other, operators()),
             "no altered statement verifies");
}

void check_enrollment_text(std::string_view payload, std::string_view edit) {
  const std::string& kid = operators().front().kid;
  const auto token = jose::sign(fuzz::token_key(), names::kTypEnrollment, kid, payload);
  if (!token) {
    return;
  }
  if (const auto said = verify_enrollment(*token, operators())) {
    FUZZ_CHECK(said->by_key == kid && said->exp - said->iat <= 300, "short-lived, by its signer");
    EnrolledOperators state;
    state.apply({*said, said->iat, *token});
    const auto back = EnrolledOperators::read(json::Value(state.print()));
    FUZZ_CHECK(back && back->print() == state.print(), "what is enrolled reads back");
  }
  const std::string other = fuzz::altered(*token, edit);
  FUZZ_CHECK(other == *token || !verify_enrollment(other, operators()),
             "no altered enrollment verifies");
}

void check_bodies(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text);
  if (!parsed) {
    return;
  }
  ApprovalState state;
  for (const std::string_view kind : {kinds::kApprovalRequested, kinds::kApprovalDecided,
                                      kinds::kApprovalExpired, kinds::kApprovalDelivered}) {
    if (const Result<Event> event = read_event(kind, parsed->value)) {
      FUZZ_CHECK(record_kind(*event) == kind, "an event has the kind of its record");
      const Result<Event> again = read_event(kind, json::Value(print_event(*event)));
      FUZZ_CHECK(again && print_event(*again) == print_event(*event), "an event reads back");
      state.apply(*event);
    }
  }
  for (const ApprovalState& one : {state, read_approvals(parsed->value).value_or(state)}) {
    const auto back = read_approvals(json::Value(print_approvals(one)));
    FUZZ_CHECK(back && *back == one, "a snapshot reads back");
  }
  if (const auto enrolled = EnrolledOperators::read(parsed->value)) {
    const auto back = EnrolledOperators::read(json::Value(enrolled->print()));
    FUZZ_CHECK(back && back->print() == enrolled->print(), "enrolled operators read back");
  }
}

}  // namespace
}  // namespace pawl::approval

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  const auto [text, edit] = fuzz::parts<2>(fuzz::view(data, size));
  approval::check_statement_text(text, edit);
  approval::check_enrollment_text(text, edit);
  approval::check_bodies(text);
  return 0;
}
