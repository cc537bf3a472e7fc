#include "gateway/presented_graph.h"

#include <algorithm>
#include <utility>

#include "foundation/crypto/bounded_name.h"
#include "foundation/ect/received_token.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "path/plugged.h"

namespace pawl {
namespace {

ect::Parent parent_of(const Uuid& id, const RecordedTask& task) {
  ect::Parent parent;
  parent.claims.jti = id;
  parent.claims.iat = task.iat;
  parent.claims.wid = task.workflow;
  if (!task.approved) {
    parent.claims.ext[names::kExtPolDecision] = names::kPolRejected;
  }
  parent.recorded = true;
  return parent;
}

// What is recorded of a token's id and of its parents, behind what is there.
void add_recorded(const ect::Token& token, const RecordedTasks& recorded,
                  std::vector<ect::Parent>& parents) {
  const ect::Claims& child = token.claims;
  const std::optional<RecordedTask> same = recorded.find(child.jti);
  if (same && !is_recorded_as(token, *same)) {
    parents.push_back(parent_of(child.jti, *same));
  }
  for (const Uuid& id : child.pred) {
    if (const std::optional<RecordedTask> parent = recorded.find(id)) {
      parents.push_back(parent_of(id, *parent));
    }
  }
}

Status check_child(const ect::Claims& child, const std::vector<ect::Parent>& parents,
                   const GraphRules& rules) {
  if (Status fits = ect::check_parents(child, parents, rules.allow_other_workflow); !fits) {
    return fits;
  }
  return rules.refuse_unapproved && plugged(ControlId::kTokenApproval)
             ? ect::check_parent_decisions(child, parents)
             : Status{};
}

Status take_missing(const ect::Claims& child, const std::vector<ect::Parent>& parents,
                    const GraphRules& rules, GraphFinding& found) {
  const auto add = [](std::vector<Uuid>& list, const Uuid& id) {
    if (list.size() < kMostMissing && std::find(list.begin(), list.end(), id) == list.end()) {
      list.push_back(id);
    }
  };
  for (const Uuid& id : ect::missing_parents(child, parents)) {
    if (!rules.allow_partial && plugged(ControlId::kTokenParents)) {
      return fail(Code::kTokenInvalid, "parent_unknown: " + id.text() +
                                           " is neither recorded here nor presented along, and "
                                           "tokens.parents is refuse");
    }
    add(found.missing, id);
    add(found.missing_of.back(), id);
  }
  return {};
}

}  // namespace

Result<GraphFinding> check_presented_graph(const PresentedTokens& presented,
                                           std::string_view own_issuer,
                                           const RecordedTasks& recorded, const GraphRules& rules) {
  GraphFinding found;
  std::vector<ect::Parent> others;
  for (const auto& token : presented) {
    others.push_back({token->claims, token->claims.iss == own_issuer});
  }
  for (std::size_t i = 0; i < presented.size(); ++i) {
    const ect::Claims& child = presented[i]->claims;
    found.missing_of.emplace_back();
    if (child.iss == own_issuer) {
      continue;
    }
    // Out of its place for a while: it is no parent of its own.
    std::swap(others[i], others.back());
    ect::Parent self = std::move(others.back());
    others.pop_back();
    const auto along = static_cast<std::ptrdiff_t>(others.size());
    add_recorded(*presented[i], recorded, others);
    Status fits = check_child(child, others, rules);
    if (fits) {
      fits = take_missing(child, others, rules, found);
    }
    if (!fits) {
      return fail(fits.error());
    }
    others.erase(others.begin() + along, others.end());
    others.push_back(std::move(self));
    std::swap(others[i], others.back());
  }
  return found;
}

bool is_recorded_as(const ect::Token& token, const RecordedTask& task) {
  return task.issuer == bounded_name(token.claims.iss) &&
         task.payload == digest_text(ect::payload_digest(token));
}

ect::Level recorded_level(const ect::Claims& claims) {
  const json::Value* body =
      claims.ext.if_contains(std::string(names::kExtPrefix).append(kinds::area(claims.exec_act)));
  const auto said = body != nullptr ? json::find_string(*body, {names::kBodyLevel}) : std::nullopt;
  return said ? ect::parse_level(*said).value_or(ect::Level::kL1) : ect::Level::kL3;
}

ect::Level level_of(const ect::Token& token, std::string_view own_issuer,
                    const RecordedTasks& recorded) {
  const ect::Claims& claims = token.claims;
  if (claims.iss == own_issuer) {
    return recorded_level(claims);
  }
  ect::Level level = token.level;
  for (const Uuid& id : claims.pred) {
    if (const std::optional<RecordedTask> parent = recorded.find(id)) {
      level = ect::weakest(level, parent->level);
    }
  }
  return level;
}

Status check_presented_decisions(const PresentedTokens& presented) {
  ect::Claims call;
  std::vector<ect::Parent> parents;
  for (const auto& token : presented) {
    const Uuid& id = token->claims.jti;
    parents.push_back({token->claims, true});
    const bool followed = std::any_of(presented.begin(), presented.end(), [&](const auto& other) {
      const std::vector<Uuid>& pred = other->claims.pred;
      return std::find(pred.begin(), pred.end(), id) != pred.end();
    });
    if (!followed) {
      call.pred.push_back(id);
    }
  }
  return ect::check_parent_decisions(call, parents);
}

}  // namespace pawl
