#include "operators/override/revocation_control.h"

#include "operators/override/override_control.h"
#include "path/plugged.h"

namespace pawl {
namespace {

constexpr std::string_view kRule = "revocation:";

}  // namespace

Verdict verdict_of(const override_::Revocation& revocation) {
  Verdict verdict;
  verdict.ruling = Ruling::kDeny;
  verdict.code = Code::kRevoked;
  verdict.rule = std::string(kRule) + revocation.id.text();
  verdict.reason = revocation.target + " was revoked by an operator" +
                   (revocation.reason.empty() ? "" : ": " + revocation.reason);
  return verdict;
}

std::string_view control_of_held(const Verdict& verdict) {
  return verdict.rule.starts_with(kRule) ? "revocations" : "stops";
}

std::optional<Held> held_back(const StopBoard& board, const Caller& caller, std::string_view server,
                              std::string_view domain) {
  const std::shared_ptr<const override_::StopSet> stops = board.snapshot();
  if (const override_::Stop* stop = stops->covering(caller, server, domain)) {
    return Held{"stops", verdict_of(*stop)};
  }
  const std::shared_ptr<const override_::RevokedSet> revoked = board.revoked();
  const override_::Revocation* revocation = revoked->covering(caller);
  return revocation != nullptr && plugged(ControlId::kRevocations)
             ? std::optional(Held{"revocations", verdict_of(*revocation)})
             : std::nullopt;
}

Verdict RevocationControl::decide(const Action& action, const Moment&) const {
  const std::shared_ptr<const override_::RevokedSet> revoked = board_.revoked();
  const override_::Revocation* revocation = revoked->covering(action);
  return revocation == nullptr ? Verdict{} : verdict_of(*revocation);
}

}  // namespace pawl
