#include "foundation/witness/witness_desk.h"

#include <algorithm>

#include "base/encoding.h"

namespace pawl::witness {

Result<WitnessDesk> WitnessDesk::open(Files& files, const std::string& folder,
                                      const std::vector<ledger::VerifierKey>& logs) {
  std::map<std::string, std::vector<ledger::VerifierKey>> by_origin;
  for (const ledger::VerifierKey& log : logs) {
    std::vector<ledger::VerifierKey>& keys = by_origin[log.name];
    const bool is_there = std::any_of(keys.begin(), keys.end(),
                                      [&](const auto& one) { return one.key_id == log.key_id; });
    if (is_there) {
      return fail(Code::kInvalidParams, "the log " + log.name + " is listed twice with one key");
    }
    keys.push_back(log);
  }
  Result<WitnessState> state = WitnessState::open(files, folder);
  if (!state) {
    return fail(state.error());
  }
  return WitnessDesk(files, folder, *std::move(state), std::move(by_origin));
}

std::string WitnessDesk::kept(const ledger::Equivocation& evidence,
                              const std::vector<ledger::VerifierKey>& keys) {
  std::string why = "not kept";
  for (const ledger::VerifierKey& key : keys) {
    Result<std::string> path = ledger::keep_evidence(*files_, evidence_, evidence, key);
    if (path) {
      return *std::move(path);
    }
    why = "not kept: " + path.error().message;
  }
  return why;
}

WitnessDesk::Answer WitnessDesk::add_checkpoint(std::string_view body, std::int64_t now_s) {
  Answer answer;
  const Result<Submission> asked = read_submission(body);
  if (!asked) {
    answer.decision.status = 400;
    answer.decision.body = asked.error().message + "\n";
    return answer;
  }
  answer.origin = asked->head.origin;
  answer.size = asked->head.size;
  const auto log = logs_.find(answer.origin);
  const std::vector<ledger::VerifierKey> keys =
      log == logs_.end() ? std::vector<ledger::VerifierKey>{} : log->second;
  answer.decision = decide(state_.held(answer.origin), *asked, keys, state_.cosigner(), now_s);
  if (answer.decision.evidence) {
    answer.evidence = kept(*answer.decision.evidence, keys);
  }
  if (!answer.decision.next) {
    return answer;
  }
  if (Status kept = state_.keep(answer.origin, *answer.decision.next); !kept) {
    Decision refused;
    refused.status = 503;
    refused.body = kept.error().message + "\n";
    answer.decision = std::move(refused);
  }
  return answer;
}

Result<std::string> WitnessDesk::checkpoint(std::string_view origin_hash) const {
  for (const auto& [origin, held] : state_.heads()) {
    if (hex_encode(view(sha256(origin))) == origin_hash) {
      return held.note;
    }
  }
  return fail(Code::kNotFound, "no checkpoint of such a log was cosigned");
}

}  // namespace pawl::witness
