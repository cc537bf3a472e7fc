#include "gateway/token_memory.h"

#include "base/limit_stat.h"
#include "base/log.h"
#include "foundation/crypto/bounded_name.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "gateway/presented_graph.h"
#include "path/plugged.h"

namespace pawl {
namespace {

// A token counts no longer than this after it was made (docs/formats/ect.md, steps 11 and 12), so
// that other words under the id of an older one had to be made anew.
constexpr std::int64_t kReplaySeconds = ect::kMaxAgeSeconds + ect::kClockSkewSeconds;

LimitStat index_not_ready("token_memory");

}  // namespace

void TokenMemory::recorded(const RecordDraft& draft, std::string_view token, WallTime at) {
  if (draft.kind == kinds::kTokenReceived) {
    const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
    if (const Result<ect::Token> read = jws ? ect::read(*jws) : fail(jws.error())) {
      recorded(read->claims);
    }
    return;
  }
  recorded_.note(draft.id, {.iat = at.seconds(),
                            .workflow = draft.workflow,
                            .level = draft.level,
                            .approved = draft.pol_decision.empty() ||
                                        draft.pol_decision == names::kPolApproved});
}

void TokenMemory::recorded(const ect::Claims& claims) {
  recorded_.note(claims.jti, {.iat = claims.iat,
                              .workflow = claims.wid,
                              .level = recorded_level(claims),
                              .approved = ect::is_approved(claims)});
  if (const std::optional<ect::ReceivedToken> received = ect::read_received_token(claims)) {
    recorded_.note(received->id, {.iat = received->iat,
                                  .workflow = claims.wid,
                                  .level = received->level,
                                  .approved = received->approved,
                                  .issuer = received->issuer,
                                  .payload = received->payload});
    known_.recall(*received);
  }
}

// What is not in memory may be in the ledger.
Status TokenMemory::recall(const ect::Token& token, WallTime now) {
  if (known_.knows(token) || !plugged(ControlId::kTokenMemory)) {
    return {};
  }
  const std::optional<RecordedTask> task = recorded_.find(token.claims.jti);
  if (task && task->issuer == bounded_name(token.claims.iss)) {
    ect::ReceivedToken known;
    known.id = token.claims.jti;
    known.issuer = task->issuer;
    known.payload = task->payload;
    known_.recall(known);
    return {};
  }
  if (!task && recalled_since_ > now.seconds() - kReplaySeconds && !recorded_.knows_older()) {
    index_not_ready.reached();
    return fail(Code::kEvidenceUnavailable,
                "the index of the ledger is being built, and until then it cannot be told whether "
                "token " +
                    token.claims.jti.text() + " was seen before");
  }
  return {};
}

Status TokenMemory::note(const ect::Token& token) {
  Status same = known_.note(token);
  if (same || !plugged(ControlId::kTokenEquivocation)) {
    return {};
  }
  log(LogLevel::kError, "token_equivocation", {{"reason", same.error().message}});
  return same;
}

}  // namespace pawl
