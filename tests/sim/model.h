// What the world outside knows of a simulated gateway, and what must therefore hold.
//
// Purpose:    the witness: calls as agents made them and as servers saw them, stops and rules as
//             operators were told. It shares no code with what it judges.
// Threading:  one thread.
// Errors:     a broken promise throws Violation with a sentence; the driver adds seed and time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/json.h"
#include "path/action.h"
#include "path/exchange.h"

namespace pawl::sim {

struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void require(bool holds, const std::string& what) {
  if (!holds) {
    throw Violation(what);
  }
}

// One set of rules in words that the model understands.
struct RuleVariant {
  std::string name;
  std::string yaml;
  bool allows_anything = true;
  std::string denied_group;                // empty: none
  std::set<std::string> tools;             // empty: all
  std::optional<std::int64_t> expires_at;  // seconds
};

struct CallFacts {
  std::string agent;
  std::vector<std::string> groups;
  std::string server, tool, workflow;
  std::optional<Uuid> repeats;  // the call of which it is a repeat
  bool read_only = false;
  std::uint64_t life = 0;  // of the node that it was made to
  std::int64_t submitted_us = 0;
  std::int64_t latest_s = 0;  // the recorder's time was at least this when it was decided

  std::size_t others = 0;        // open calls of the same agent when it was made
  std::size_t writes = 0;        // that reached the server
  bool may_lack_record = false;  // a read, and then the power went
  enum class Said { kNothing, kResult, kError } said = Said::kNothing;
  bool told = false;  // released or refused
  bool released = false;
  std::optional<RecordRef> record;
};

struct StopFacts {
  std::string scope;
  bool certain = true;  // acknowledged as durable, and no resume of it was begun
  bool in_force = true;
};

class Model {
 public:
  // ---- what agents and servers see ----
  void submitted(const Action& action, std::uint64_t life, std::int64_t boot_us,
                 std::int64_t wall_us);
  void wrote(const Uuid& id, const std::string& text);  // bytes of the request reached the server
  void server_said(const Uuid& id, bool success);
  void streamed(const Uuid& id);  // an event reached the agent before the answer
  void released(const Uuid& id, const std::string& body, const RecordRef& record,
                std::int64_t boot_us);
  void refused(const Uuid& id, const Refusal& refusal, const RecordRef& record,
               std::int64_t boot_us);

  // ---- what operators see ----
  void rules_in_force(const RuleVariant* rules) { rules_ = rules; }
  void stop_acknowledged(const Uuid& id, const std::string& scope, bool durable);
  void resume_begun(const Uuid& id);
  void resume_acknowledged(const Uuid& id);
  // Reads are noted and not synced: those so far may have lost their record.
  void power_went();
  void restarted(const std::map<Uuid, std::string>& in_force, std::uint64_t life,
                 std::int64_t recorded_s);
  const std::map<Uuid, StopFacts>& stops() const { return stops_; }

  // ---- limits of the run ----
  std::size_t open_per_agent = 0;
  std::int64_t longest_us = 0;  // from a call to what its agent was told

  const std::map<Uuid, CallFacts>& calls() const { return calls_; }
  std::size_t open(std::uint64_t life) const;
  // The newest answer that an agent got, to be presented with a later call; empty: none.
  std::string last_agent, last_token;
  Uuid last_id;
  // The end: every record of the log, in order, against what was seen.
  void check_log(const std::vector<std::string>& tokens) const;

 private:
  CallFacts& fact(const Uuid& id);
  void must_not_be_stopped(const CallFacts& call, const std::string& what) const;
  void must_be_allowed(const CallFacts& call) const;
  // Whose answer the agent of this call may get.
  const CallFacts& answered_call(const CallFacts& call) const;
  void check_repeat(const CallFacts& call, const json::Value& payload) const;
  void told(CallFacts& call, std::int64_t boot_us);

  std::map<Uuid, CallFacts> calls_;
  std::map<std::string, std::size_t> open_;
  std::map<Uuid, StopFacts> stops_;
  const RuleVariant* rules_ = nullptr;
  std::int64_t latest_s_ = 0;   // the recorder's time was at least this
  std::int64_t durable_s_ = 0;  // and is after every restart
};

}  // namespace pawl::sim
