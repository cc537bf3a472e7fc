// The policy tokens that a caller presents with a call: verified before it is decided, and recorded
// before anything of it is. Threading: the I/O thread.
#include <utility>

#include "gateway/call.h"
#include "path/plugged.h"

namespace pawl {

// False: refused. Nothing is asked of the row `tokens` that did not verify.
bool Call::take_policy(WallTime now) {
  const bool is_presented = !action_.policy_tokens.empty() || action_.policy_disagrees;
  if (!is_presented) {
    return true;
  }
  const Status good =
      services_.policies != nullptr
          ? services_.policies->resolve(action_, now)
          : fail(Code::kPolicyTokenInvalid, "unknown_key: no policy tokens are taken here");
  if (good || !plugged(ControlId::kAcpSignature)) {
    return true;
  }
  const Error& why = good.error();
  refuse({why.code, "tokens", policy_problem(why.message),
          "the policy token is refused: " + why.message, false, 0});
  return false;
}

void Call::keep_policy() {
  if (services_.policies == nullptr || action_.policy == nullptr) {
    return;
  }
  Recorder& recorder = services_.recorder;
  for (PolicyTokens::Issued& issued :
       services_.policies->begin_recording(action_, [&] { return recorder.new_id(); })) {
    recorder.record(std::move(issued.draft),
                    [policies = services_.policies, digest = std::move(issued.digest)](
                        const Result<RecordRef>&) { policies->recording_ended(digest); });
  }
}

}  // namespace pawl
