// Witness policies and cosignatures. Input: a policy's text, who cosigns (a byte for each witness),
// a checkpoint's text, then an edit of three bytes (support/keys.h) of a cosigned note.
#include <algorithm>

#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/cosignature.h"
#include "foundation/ledger/witness_policy.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl::ledger {
namespace {

void check_quorum(const WitnessPolicy& policy, std::string_view who) {
  const std::size_t count = policy.witnesses().size();
  FUZZ_CHECK(policy.is_met_by(std::vector<bool>(count, true)), "all witnesses are enough");
  FUZZ_CHECK(policy.is_met_by(std::vector<bool>(count)) == (policy.quorum() == "none"),
             "nobody is enough for none only");
  std::vector<bool> some(count);
  for (std::size_t i = 0; i < std::min(count, who.size()); ++i) {
    some[i] = (who[i] & 1) != 0;
  }
  const bool before = policy.is_met_by(some);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<bool> more = some;
    more[i] = true;
    FUZZ_CHECK(!before || policy.is_met_by(more), "one more is never too many");
  }
}

void check_cosigned(std::string_view text, std::string_view edit) {
  static const Cosigner witness = *Cosigner::make("example.org/witness", fuzz::log_key());
  static const VerifierKey key = *VerifierKey::parse(witness.vkey(), NoteKeyType::kCosignature);
  const Result<std::string> line = witness.cosign(text, 1'772'000'000);
  FUZZ_CHECK(
      line.has_value() ==
          read_checkpoint(std::string(text) + "\n" + print_signature({"a", 1, "x"})).has_value(),
      "checkpoints are cosigned, and nothing else");
  if (!line) {
    return;
  }
  const std::string note = std::string(text) + "\n" + *line;
  const Result<std::int64_t> time_s = check_cosignature(*parse_note(note), key);
  FUZZ_CHECK(time_s && *time_s == 1'772'000'000, "a cosignature has its time");
  const std::string other = fuzz::altered(note, edit);
  const Result<Note> parsed = parse_note(other);
  FUZZ_CHECK(other == note || !parsed || !check_cosignature(*parsed, key),
             "no altered note is cosigned");
}

}  // namespace
}  // namespace pawl::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::ledger;
  const auto [text, who, head, edit] = fuzz::parts<4>(fuzz::view(data, size));
  // What stands before a line %% has lost its newline to it.
  const Result<WitnessPolicy> policy = WitnessPolicy::parse(std::string(text) + "\n");
  if (policy) {
    FUZZ_CHECK(policy->witnesses().size() <= WitnessPolicy::kMost, "witnesses are bounded");
    check_quorum(*policy, who);
    if (const Result<Note> note = parse_note(head)) {
      const Result<WitnessPolicy::Answer> answer = policy->judge(*note);
      FUZZ_CHECK(!answer || answer->cosigned.empty(), "no bare text is cosigned");
    }
  } else {
    FUZZ_CHECK(!policy.error().message.empty(), "a refusal says why");
  }
  check_cosigned(std::string(head) + "\n", edit);
  return 0;
}
