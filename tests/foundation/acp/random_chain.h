// Random policy tokens, ways to narrow and to meddle with them, and random requests; for the tests
// that chains of them widen nothing.
#pragma once

#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "foundation/acp/acp_attenuate.h"
#include "foundation/acp/acp_standing.h"
#include "foundation/crypto/sha256.h"
#include "tests/foundation/acp/sample_chain.h"

namespace pawl::acp {

// PAWL_SEED, or what a test begins from where it is not set.
inline unsigned seed_or(unsigned usual) {
  const char* given = std::getenv("PAWL_SEED");
  return given != nullptr ? static_cast<unsigned>(std::atoi(given)) : usual;
}

// Which nodes of a run are done: most of them, each number another choice.
struct SomeDone {
  std::size_t number;

  NodeState operator()(std::string_view node) const {
    switch (std::hash<std::string>()(std::string(node) + std::to_string(number)) % 5) {
      case 0:
        return NodeState::kOpen;
      case 1:
        return NodeState::kFailed;
      default:
        return NodeState::kDone;
    }
  }
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }
  std::string agent() { return pick<std::string>({kA, kB, "spiffe://example.org/agent/c"}); }
  std::string act() {
    return pick<std::string>({"plan", "deploy", "ci/deploy", "ci/plan", "tool.call"});
  }

  std::string condition() {
    switch (below(6)) {
      case 0:
        return R"({"tool":["plan","deploy"]})";
      case 1:
        return R"({"tool":"p*"})";
      case 2:
        return R"({"server":["ci","cd"]})";
      case 3:
        return R"({"arguments":{"n":{"range":{"lt":)" + std::to_string(1 + below(6)) + "}}}}";
      case 4:
        return R"({"arguments":{"env":{"in":["test","live"]}}})";
      default:
        return R"({"tool":"**"})";
    }
  }

  json::Array rules() {
    std::string text = "[";
    for (std::size_t i = 0, n = below(3); i <= n; ++i) {
      text += (i == 0 ? "{\"id\":\"r" : ",{\"id\":\"r") + std::to_string(i) +
              "\",\"when\":" + condition() +
              (one_in(4) ? R"(,"then":"deny","reason":"r"})" : R"(,"then":"allow"})");
    }
    return json::parse(text + "]")->value.get_array();
  }

  Constraints constraints(bool of_node) {
    Constraints out;
    if (one_in(3)) {
      out.allowed_acts = {act()};
      if (const std::string more = act(); more != out.allowed_acts[0]) {
        out.allowed_acts.push_back(more);
      }
    }
    if (one_in(4)) {
      out.allowed_agents = {kA, kB};
    }
    if (one_in(3)) {
      out.rules = rules();
    }
    if (one_in(5)) {
      out.not_after = kNow + static_cast<std::int64_t>(below(20));
    }
    if (!of_node && one_in(5)) {
      out.max_depth = 3;
    }
    return out;
  }

  Gate gate() {
    Gate out;
    out.id = "g" + std::to_string(below(3));
    switch (below(4)) {
      case 0:
        out.trigger = {.type = TriggerType::kAction, .value = act()};
        break;
      case 1:
        out.trigger = {.type = TriggerType::kNode, .value = "n" + std::to_string(below(3))};
        break;
      case 2:
        out.trigger = {.type = TriggerType::kThreshold, .value = "/n", .above = "2"};
        break;
      default:
        out.trigger = {.type = TriggerType::kError};
    }
    out.required_role = pick<std::string>({"role", "other"});
    out.action = pick<GateAction>({GateAction::kPause, GateAction::kEscalate, GateAction::kAbort});
    out.timeout_s = 1 + static_cast<std::uint32_t>(below(3));
    out.escalate_to = {pick<std::string>({"role", "head"})};
    return out;
  }

  Claims root() {
    Claims out = sample_claims();
    out.constraints = {constraints(false)};
    out.gates.clear();
    out.nodes.clear();
    out.edges.clear();
    for (std::size_t i = 0; i < 4; ++i) {
      out.nodes.push_back({.id = "n" + std::to_string(i), .agent = agent(), .act = act()});
      if (one_in(3)) {
        out.nodes.back().constraints = constraints(true);
      }
      if (i > 0) {
        out.edges.push_back({"n" + std::to_string(below(i)), "n" + std::to_string(i)});
      }
    }
    out.sub = out.nodes[0].agent;
    if (one_in(2)) {
      out.gates.push_back(gate());
    }
    return out;
  }

  Narrowing narrowing(const Claims& parent) {
    Narrowing out;
    out.sub = one_in(2) ? agent() : "";
    if (one_in(3)) {
      out.exp = parent.exp - static_cast<std::int64_t>(below(3)) + (one_in(8) ? 5 : 0);
    }
    if (one_in(5)) {
      out.nodes = std::vector<std::string>();
      for (const Node& node : parent.nodes) {
        if (!one_in(5)) {
          out.nodes->push_back(node.id);
        }
      }
    }
    if (one_in(3)) {
      out.constraints.push_back(constraints(false));
    }
    if (one_in(4)) {
      out.gates.push_back(gate());
    }
    return out;
  }

  // What a delegate who means ill could try.
  void meddle(Claims& t) {
    Constraints* const one =
        t.constraints.empty() ? nullptr : &t.constraints[below(t.constraints.size())];
    switch (below(9)) {
      case 0:
        t.edges.clear();
        break;
      case 1:
        if (one != nullptr) {
          one->allowed_acts.push_back("tool.call");
        }
        break;
      case 2:
        if (one != nullptr) {
          *one = constraints(false);
        }
        break;
      case 3:
        if (!t.gates.empty()) {
          t.gates.pop_back();
        }
        break;
      case 4:
        t.nodes[below(t.nodes.size())].constraints = constraints(true);
        break;
      case 5:
        t.nodes[below(t.nodes.size())].act = act();
        break;
      case 6:
        if (!t.gates.empty()) {
          t.gates[0] = gate();
        }
        break;
      case 7:
        if (one != nullptr && one->rules) {
          one->rules = rules();
        }
        break;
      default:
        t.nodes[below(t.nodes.size())].agent = agent();
    }
  }

 private:
  std::mt19937 random_;
};

inline Result<Link> link_of(const Claims& claims, int number) {
  const Result<Claims> read = read_claims(print(claims));
  return read ? compile(Token{*read, "k", "", digest_text(sha256(std::to_string(number)))})
              : fail(read.error());
}

struct Asked {
  std::string agent, server, tool;
  json::Value arguments;
  std::int64_t now = kNow;

  explicit Asked(Generator& random)
      : agent(random.agent()),
        server(random.pick<std::string>({"ci", "cd", "x"})),
        tool(random.pick<std::string>({"plan", "deploy", "p"})),
        now(kNow + static_cast<std::int64_t>(random.below(20))) {
    json::Object object{{"n", random.below(6)},
                        {"env", random.pick<std::string>({"test", "live", "x"})}};
    arguments = std::move(object);
  }
};

}  // namespace pawl::acp
