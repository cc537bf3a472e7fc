#include "gateway/presented_graph.h"

#include <algorithm>
#include <utility>

namespace pawl {

void RecordedTasks::note(const Uuid& id, std::int64_t iat, const std::optional<Uuid>& workflow) {
  if (!tasks_.emplace(id, Task{iat, workflow}).second) {
    return;
  }
  order_.push_back(id);
  if (order_.size() > kMost) {
    tasks_.erase(order_.front());
    order_.pop_front();
  }
}

std::optional<ect::Parent> RecordedTasks::find(const Uuid& id) const {
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) {
    return std::nullopt;
  }
  ect::Parent parent;
  parent.claims.jti = id;
  parent.claims.iat = found->second.iat;
  parent.claims.wid = found->second.workflow;
  parent.recorded = true;
  return parent;
}

namespace {

// The presented tokens, in their order, and behind them what is recorded of them and their parents.
std::vector<ect::Parent> at_hand(const std::vector<std::shared_ptr<const ect::Token>>& presented,
                                 std::string_view own_issuer, const RecordedTasks& recorded) {
  std::vector<ect::Parent> parents;
  for (const auto& token : presented) {
    parents.push_back({token->claims, token->claims.iss == own_issuer});
  }
  for (const auto& token : presented) {
    if (token->claims.iss == own_issuer) {
      continue;
    }
    if (std::optional<ect::Parent> same = recorded.find(token->claims.jti)) {
      parents.push_back(*std::move(same));
    }
    for (const Uuid& id : token->claims.pred) {
      if (std::optional<ect::Parent> parent = recorded.find(id)) {
        parents.push_back(*std::move(parent));
      }
    }
  }
  return parents;
}

}  // namespace

Result<std::vector<Uuid>> check_presented_graph(
    const std::vector<std::shared_ptr<const ect::Token>>& presented, std::string_view own_issuer,
    const RecordedTasks& recorded) {
  std::vector<Uuid> missing;
  std::vector<ect::Parent> others = at_hand(presented, own_issuer, recorded);
  for (std::size_t i = 0; i < presented.size(); ++i) {
    const ect::Claims& child = presented[i]->claims;
    if (child.iss == own_issuer) {
      continue;
    }
    std::swap(others[i], others.back());
    const ect::Parent self = std::move(others.back());
    others.pop_back();
    const Status fits = ect::check_parents(child, others, false);
    for (const Uuid& id : ect::missing_parents(child, others)) {
      if (std::find(missing.begin(), missing.end(), id) == missing.end()) {
        missing.push_back(id);
      }
    }
    others.push_back(self);
    std::swap(others[i], others.back());
    if (!fits) {
      return fail(fits.error());
    }
  }
  return missing;
}

}  // namespace pawl
