#include "foundation/ledger/evidence_graph.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "foundation/ect/received_token.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kDeclared = "declared";

// A name that the draft's fields do not have: of Pawl's own body.
const json::Object* body_of(const ect::Claims& claims) {
  const json::Value* profile = claims.ext.if_contains(names::kExtProfile);
  const bool is_record =
      profile != nullptr && profile->is_string() && profile->get_string() == names::kProfileUri;
  const json::Value* body =
      claims.ext.if_contains(std::string(names::kExtPrefix).append(kinds::area(claims.exec_act)));
  return is_record && body != nullptr ? body->if_object() : nullptr;
}

// What is not said is L3; what is said and not known is the least.
ect::Level level_in(const json::Object& body) {
  const json::Value* level = body.if_contains(names::kBodyLevel);
  if (level == nullptr) {
    return ect::Level::kL3;
  }
  const auto known =
      level->is_string() ? ect::parse_level(std::string_view(level->get_string())) : std::nullopt;
  return known.value_or(ect::Level::kL1);
}

// A body that was too large has no `basis`.
bool is_declared_in(const json::Object* body, std::size_t at) {
  const json::Value* basis = body != nullptr ? body->if_contains("basis") : nullptr;
  const json::Array* list = basis != nullptr ? basis->if_array() : nullptr;
  return list == nullptr ||
         (at < list->size() && (*list)[at].is_string() && (*list)[at].get_string() == kDeclared);
}

tl::unexpected<Error> wrong(const GraphNode& node, const std::string& what) {
  return fail(Code::kBadSignature,
              "entry " + std::to_string(node.index) + " (id " + node.id.text() + "): " + what);
}

class Reader {
 public:
  Reader(std::span<const GraphNode> nodes, const Uuid& workflow)
      : nodes_(nodes), workflow_(workflow) {}

  Result<EvidenceGraph> read() {
    if (Status placed = place(); !placed) {
      return fail(placed.error());
    }
    if (out_.of_workflow == 0) {
      return fail(Code::kBadSignature, "no record is of the workflow " + workflow_.text());
    }
    if (Status rooted = follow_causes(); !rooted) {
      return fail(rooted.error());
    }
    find_missing();
    weaken();
    return std::move(out_);
  }

 private:
  bool is_of_workflow(const GraphNode& node) const { return node.workflow == workflow_; }

  Status place() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const GraphNode& node = nodes_[i];
      const auto [first, is_new] = places_.emplace(node.id, i);
      if (!is_new && !(node.stands_for_token && nodes_[first->second].stands_for_token)) {
        return wrong(node,
                     "entry " + std::to_string(nodes_[first->second].index) + " has the same id");
      }
      out_.of_workflow += is_of_workflow(node) ? 1 : 0;
    }
    for (const GraphNode& node : nodes_) {
      if (node.stands_for_token) {
        continue;
      }
      for (const Uuid& cause : node.causes) {
        const auto at = places_.find(cause);
        if (at != places_.end() && nodes_[at->second].index >= node.index) {
          return wrong(node, "its cause " + cause.text() + " stands behind it, as entry " +
                                 std::to_string(nodes_[at->second].index));
        }
      }
    }
    return {};
  }

  // Backwards, so that a record is seen after everything that came from it.
  Status follow_causes() {
    std::unordered_set<Uuid> named;
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
      if (!is_of_workflow(*node)) {
        if (named.contains(node->id)) {
          ++out_.ancestors;
        } else if (is_follower(*node, [this](const Uuid& id) {
                     const auto at = places_.find(id);
                     return at != places_.end() && is_of_workflow(nodes_[at->second]);
                   })) {
          ++out_.followers;
        } else {
          return wrong(*node, node->workflow
                                  ? "it belongs to the workflow " + node->workflow->text() +
                                        ", and nothing of this one came from it"
                                  : "it belongs to no workflow, and is about nothing of this one");
        }
      }
      named.insert(node->causes.begin(), node->causes.end());
    }
    return {};
  }

  void find_missing() {
    std::map<Uuid, MissingParent> found;
    for (const GraphNode& node : nodes_) {
      for (std::size_t i = 0; i < node.causes.size(); ++i) {
        const Uuid& id = node.causes[i];
        if (places_.contains(id)) {
          continue;
        }
        const bool is_accounted = node.is_open && node.is_declared[i];
        const auto [at, is_new] = found.emplace(id, MissingParent{id, node.index, is_accounted});
        if (!is_new && at->second.is_accounted && !is_accounted) {
          at->second = {id, node.index, false};
        }
      }
    }
    for (const auto& [id, parent] : found) {
      out_.missing.push_back(parent);
    }
  }

  // Nothing is worth more than what caused it; causes stand before.
  void weaken() {
    std::unordered_map<Uuid, ect::Level> levels;
    for (const GraphNode& node : nodes_) {
      ect::Level level = node.level;
      for (const Uuid& cause : node.causes) {
        if (const auto found = levels.find(cause); found != levels.end()) {
          level = ect::weakest(level, found->second);
        }
      }
      levels[node.id] = level;
      out_.level = ect::weakest(out_.level, level);
    }
  }

  const std::span<const GraphNode> nodes_;
  const Uuid workflow_;
  std::unordered_map<Uuid, std::size_t> places_;
  EvidenceGraph out_;
};

}  // namespace

GraphNode graph_node(std::uint64_t index, const ect::Claims& claims) {
  const std::optional<ect::ReceivedToken> received = ect::read_received_token(claims);
  GraphNode node{index, received ? received->id : claims.jti, claims.wid, {}, {}};
  node.stands_for_token = received.has_value();
  const json::Object* body = body_of(claims);
  for (std::size_t i = 0; i < claims.pred.size(); ++i) {
    node.causes.push_back(claims.pred[i]);
    node.is_declared.push_back(is_declared_in(body, i));
  }
  if (body != nullptr) {
    node.level = level_in(*body);
    node.is_open = node.level < ect::Level::kL3 || body->contains("graph");
  }
  return node;
}

Result<EvidenceGraph> read_evidence_graph(std::span<const GraphNode> nodes, const Uuid& workflow) {
  return Reader(nodes, workflow).read();
}

bool is_follower(const GraphNode& node, const std::function<bool(const Uuid&)>& is_of_workflow) {
  return !node.workflow && std::any_of(node.causes.begin(), node.causes.end(), is_of_workflow);
}

}  // namespace pawl::ledger
