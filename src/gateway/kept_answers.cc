#include "gateway/kept_answers.h"

#include "base/limit_stat.h"
#include "path/plugged.h"

namespace pawl {
namespace {

LimitStat kept_answers("kept_answers");

}  // namespace

void KeptAnswers::keep(const std::string& agent, KeptAnswer kept) {
  kept.answer.clear();
  const Uuid id = kept.record;
  if (by_id_.contains(id)) {
    return;
  }
  order_.emplace_back(agent, std::move(kept));
  by_id_[id] = std::prev(order_.end());
  make_room();
}

void KeptAnswers::add_answer(const Uuid& id, const std::string& answer, bool success) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || answer.size() > limits_.max_answer_bytes) {
    return;
  }
  KeptAnswer& kept = found->second->kept;
  bytes_ += answer.size() - kept.answer.size();
  kept.answer = answer;
  kept.success = success;
  make_room();
}

void KeptAnswers::make_room() {
  while (order_.size() > limits_.max_count || bytes_ > limits_.max_bytes) {
    kept_answers.reached();
    const Entry& oldest = order_.front();
    bytes_ -= oldest.kept.answer.size();
    by_id_.erase(oldest.kept.record);
    order_.pop_front();
  }
}

const KeptAnswer* KeptAnswers::find(const std::string& agent, const Uuid& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) {
    return nullptr;
  }
  if (found->second->agent != agent && plugged(ControlId::kKeptAnswerCaller)) {
    return nullptr;
  }
  return &found->second->kept;
}

}  // namespace pawl
