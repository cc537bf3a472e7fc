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

// What is recorded of a token's id and of its parents, behind what is there.
void add_recorded(const ect::Claims& child, const RecordedTasks& recorded,
                  std::vector<ect::Parent>& parents) {
  if (std::optional<ect::Parent> same = recorded.find(child.jti)) {
    parents.push_back(*std::move(same));
  }
  for (const Uuid& id : child.pred) {
    if (std::optional<ect::Parent> parent = recorded.find(id)) {
      parents.push_back(*std::move(parent));
    }
  }
}

}  // namespace

Result<std::vector<Uuid>> check_presented_graph(
    const std::vector<std::shared_ptr<const ect::Token>>& presented, std::string_view own_issuer,
    const RecordedTasks& recorded) {
  std::vector<Uuid> missing;
  std::vector<ect::Parent> others;
  for (const auto& token : presented) {
    others.push_back({token->claims, token->claims.iss == own_issuer});
  }
  for (std::size_t i = 0; i < presented.size(); ++i) {
    const ect::Claims& child = presented[i]->claims;
    if (child.iss == own_issuer) {
      continue;
    }
    // Out of its place for a while: it is no parent of its own.
    std::swap(others[i], others.back());
    ect::Parent self = std::move(others.back());
    others.pop_back();
    const auto along = static_cast<std::ptrdiff_t>(others.size());
    add_recorded(child, recorded, others);
    if (const Status fits = ect::check_parents(child, others, false); !fits) {
      return fail(fits.error());
    }
    for (const Uuid& id : ect::missing_parents(child, others)) {
      if (missing.size() < kMostMissing &&
          std::find(missing.begin(), missing.end(), id) == missing.end()) {
        missing.push_back(id);
      }
    }
    others.erase(others.begin() + along, others.end());
    others.push_back(std::move(self));
    std::swap(others[i], others.back());
  }
  return missing;
}

}  // namespace pawl
