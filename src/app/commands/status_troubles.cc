#include "app/commands/status_troubles.h"

#include <cstdio>

#include "app/commands/local_http.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"

namespace pawl {
namespace {

constexpr std::int64_t kUnknownLately_us = 24LL * 3600 * 1'000'000;
constexpr std::int64_t kScrubOld_s = 7 * 24 * 3600;
constexpr double kNearlyFull = 4;           // free space below this many reserves
constexpr std::int64_t kWitnessRounds = 3;  // without enough of them: somebody is told
constexpr std::size_t kMaxNamed = 5;

std::int64_t number(const json::Value& at, std::initializer_list<std::string_view> path,
                    std::int64_t missing = 0) {
  const json::Value* found = json::find(at, path);
  return found != nullptr && found->is_number() ? found->to_number<std::int64_t>() : missing;
}

std::string text(const json::Value& at, std::initializer_list<std::string_view> path) {
  const auto found = json::find_string(at, path);
  return found ? shown_text(*found) : "";
}

bool is_false(const json::Value& at, std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(at, path);
  return found != nullptr && found->is_bool() && !found->get_bool();
}

const json::Array& list(const json::Value& at, std::initializer_list<std::string_view> path) {
  static const json::Array none;
  const json::Value* found = json::find(at, path);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

std::string calls(std::int64_t count) {
  return counted(static_cast<std::uint64_t>(count), "call");
}

std::string times(const json::Value& at, std::string_view name) {
  return counted(static_cast<std::uint64_t>(number(at, {name})), "time");
}

std::string mib(std::int64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

void daemon(const json::Value& status, std::vector<Trouble>& out) {
  const std::string why = text(status, {"down"});
  if (why.starts_with(kNotPermitted)) {
    out.push_back({"not_permitted", "whether a daemon runs cannot be told: " + why,
                   "as that user `pawl status` tells; the service's is named in pawl.yaml "
                   "(service.user)"});
  } else if (!why.empty()) {
    out.push_back({"down", why,
                   "start it (systemctl start pawl, or pawl serve) and read its last log lines "
                   "(journalctl -u pawl -n 50)"});
  }
}

void ledger(const json::Value& status, std::vector<Trouble>& out) {
  const std::string why = text(status, {"ledger", "closed_because"});
  const std::int64_t free = number(status, {"disk", "free_bytes"}, -1);
  const std::int64_t reserve = number(status, {"disk", "reserve_bytes"});
  const bool low = free >= 0 && reserve > 0 && free < reserve;
  if (is_false(status, {"ledger", "writable"}) || !why.empty()) {
    out.push_back({"ledger_closed",
                   "the ledger cannot record, so no governed call passes" +
                       (why.empty() ? std::string() : ": " + why),
                   low ? "free space on the disk of the data folder; calls pass again by themselves"
                   : text(status, {"scrub", "result"}) == "bad"
                       ? "put the right bytes back and run pawl scrub: docs/operations/scrub.md"
                   : why.find(" does not sign: ") != std::string::npos
                       ? "look at the signer or the token that has the key: does it run, and may "
                         "pawl ask it? Calls pass again by themselves when it is back: "
                         "docs/operations/signer.md, docs/operations/keys-in-hardware.md"
                       : "look at the disk and at the log (event ledger_failed), then restart "
                         "pawl; stops go on working (pawl stop)"});
  }
  if (low) {
    out.push_back({"disk_full",
                   "only " + mib(free) + " are free, less than the reserve of " + mib(reserve),
                   "free space: docs/operations/disk-full.md; new calls are refused until then"});
  } else if (free >= 0 && static_cast<double>(free) < kNearlyFull * static_cast<double>(reserve)) {
    out.push_back({"disk_nearly_full", "only " + mib(free) + " are free for the ledger",
                   "free space soon; below " + mib(reserve) + " new calls are refused"});
  }
}

// The words of the override journal for slots that it could not read.
bool is_damage(const json::Value& stop) {
  return text(stop, {"by"}) == "pawl" &&
         text(stop, {"reason"}).starts_with("the override journal is damaged");
}

void equivocations(const json::Value& status, std::vector<Trouble>& out) {
  const json::Array& kept = list(status, {"equivocations"});
  if (!kept.empty() && kept.front().is_string()) {
    out.push_back({"equivocation",
                   "the log's key signed another history of this log, too; " +
                       counted(kept.size(), "file") + " of evidence, the first one " +
                       shown_text(kept.front().get_string()),
                   "an older copy that was gone on with, or a stolen key: "
                   "docs/operations/two-histories.md"});
  }
}

void keys(const json::Value& status, std::vector<Trouble>& out) {
  for (const json::Value& key : list(status, {"compromised_keys"})) {
    out.push_back({"key_compromised",
                   "key " + text(key, {"kid"}) + " was reported compromised since " +
                       shown_time(number(key, {"compromised_since"})) +
                       ": pawl verify calls suspect what it signed from then on, and exits with 2",
                   "docs/operations/key-compromised.md"});
  }
}

void stops(const json::Value& status, std::vector<Trouble>& out) {
  for (const json::Value& stop : list(status, {"stops"})) {
    const std::string scope = text(stop, {"scope"});
    const std::string reason = text(stop, {"reason"});
    if (is_damage(stop)) {
      out.push_back({"journal_damaged", "everything is stopped as a precaution: " + reason,
                     "look at the disk; stops that the ledger knows stay in force whatever the "
                     "slots held (pawl ledger query --kind override.applied); then pawl resume "
                     "all, which writes the slots anew"});
      continue;
    }
    out.push_back({"stopped",
                   scope + " is stopped by " + text(stop, {"by"}) +
                       (reason.empty() ? "; no reason was given" : ": " + reason),
                   "when it is safe again: pawl resume " + scope});
  }
}

// Ids are of version 7: they begin with their time in milliseconds.
std::int64_t time_of(std::string_view id) {
  std::string hex(id.substr(0, 8));
  hex += id.size() > 13 ? id.substr(9, 4) : std::string_view();
  return static_cast<std::int64_t>(std::strtoull(hex.c_str(), nullptr, 16)) * 1000;
}

void unknowns(const json::Value& status, std::vector<Trouble>& out) {
  const std::int64_t now = number(status, {"now_us"});
  std::vector<std::string> lately;
  for (const json::Value& id : list(status, {"unknown_outcomes", "newest"})) {
    if (id.is_string() && now - time_of(id.get_string()) < kUnknownLately_us) {
      lately.emplace_back(id.get_string());
    }
  }
  if (lately.empty()) {
    return;
  }
  out.push_back({"unknown_outcomes",
                 calls(static_cast<std::int64_t>(lately.size())) +
                     " of the last day went out, and nobody knows to what effect",
                 "for each: pawl why " + lately.back() +
                     " names server, tool and time; look there whether it happened "
                     "(docs/operations/unknown-outcome.md)"});
}

void held_calls(const json::Value& status, std::vector<Trouble>& out) {
  const std::int64_t pending = number(status, {"approvals", "pending"});
  if (pending > 0) {
    const WallTime first{number(status, {"approvals", "first_expires"}) * 1'000'000};
    out.push_back({"approvals_waiting",
                   calls(pending) + (pending == 1 ? " waits" : " wait") +
                       " for people, the first until " + format_rfc3339(first),
                   "pawl approvals list, then show and approve or deny "
                   "(docs/operations/approve-a-call.md)"});
  }
}

void upstreams(const json::Value& status, std::vector<Trouble>& out) {
  for (const json::Value& server : list(status, {"upstreams"})) {
    const std::string name = text(server, {"server"});
    if (text(server, {"state"}) == "down") {
      out.push_back({"upstream_down",
                     "server " + name + " is down since " + text(server, {"since"}) + ": " +
                         text(server, {"last_error"}),
                     text(server, {"kind"}) == "url"
                         ? "does it run, and is `servers." + name +
                               "` right (url, headers, ca_file)? docs/operations/server-dies.md"
                         : "docs/operations/server-dies.md; what it wrote: " +
                               text(status, {"data"}) + "/servers/" + name + "/stderr.log"});
    } else if (number(server, {"closed"}) + number(server, {"not_started"}) >= 3) {
      out.push_back({"upstream_restarts",
                     "server " + name + " ended " + times(server, "closed") +
                         " and did not start " + times(server, "not_started") +
                         "; last: " + text(server, {"last_error"}),
                     "docs/operations/server-dies.md"});
    }
  }
}

void agents(const json::Value& status, std::vector<Trouble>& out) {
  std::size_t named = 0;
  for (const json::Value& noise : list(status, {"noisy_agents"})) {
    if (++named > kMaxNamed) {
      break;
    }
    const std::string agent = text(noise, {"agent"});
    if (const std::int64_t shed = number(noise, {"shed"}); shed > 0) {
      out.push_back(
          {"agent_shed",
           "agent " + agent + " had " + calls(shed) +
               " refused in ten minutes: too many open at once",
           "raise limits.open_calls_per_agent if that is wanted, else pawl stop agent:" + agent});
    }
    if (const std::int64_t flood = number(noise, {"flooded"}); flood > 0) {
      out.push_back({"agent_flooding",
                     "agent " + agent + " was refused so often that " +
                         counted(static_cast<std::uint64_t>(flood), "refusal") +
                         " went into a summary",
                     "docs/operations/too-many-refusals.md, or pawl stop agent:" + agent});
    }
  }
}

void notices(const json::Value& status, std::vector<Trouble>& out) {
  if (const std::string why = text(status, {"notices", "nobody_told"}); !why.empty()) {
    out.push_back({"nobody_is_told", why,
                   "name a webhook (approval.notify), or let people sign in: "
                   "docs/operations/be-told.md"});
  }
  for (const json::Value& one : list(status, {"notices", "webhooks"})) {
    const std::int64_t owed = number(one, {"owed"});
    if (owed > 0 && number(one, {"failures_in_turn"}) > 0) {
      out.push_back({"notices_failing",
                     text(one, {"webhook"}) + " does not take notices (" + text(one, {"error"}) +
                         "); " + counted(static_cast<std::uint64_t>(owed), "notice") +
                         " of held calls wait",
                     "look at that receiver; pawl notify test tries it, and pawl approvals list "
                     "shows what waits: docs/operations/be-told.md"});
    }
  }
}

void upkeep(const json::Value& status, std::vector<Trouble>& out) {
  if (const std::int64_t steps = number(status, {"clock_steps"}); steps > 0) {
    out.push_back({"clock_stepped",
                   "the machine's clock was set by more than 30 s " + times(status, "clock_steps") +
                       " since the start",
                   "look at the time service (timedatectl); records keep their order"});
  }
  if (const std::string why = text(status, {"rules", "reload_error"}); !why.empty()) {
    out.push_back({"rules_not_reloaded", "the rule files are not what is in force: " + why,
                   "the old rules stay in force; correct the file, sign it where it must be "
                   "(pawl rules sign), then pawl rules reload"});
  }
  if (text(status, {"rules", "signatures"}) == "required" &&
      is_false(status, {"rules", "signed"})) {
    out.push_back({"rules_not_signed",
                   "the rules in force are signed by nobody; they were in force before signatures "
                   "were required",
                   "pawl rules sign, then pawl rules reload: "
                   "docs/operations/sign-rules.md"});
  }
  if (const std::int64_t lost = number(status, {"ledger", "recovered_unknowns"}); lost > 0) {
    out.push_back(
        {"recovered",
         "the last run ended without order; it left " + calls(lost) + " open, recorded as unknown",
         "docs/operations/unknown-outcome.md, and why it ended: journalctl -u pawl"});
  }
  if (text(status, {"telemetry", "state"}) == "failing") {
    out.push_back({"telemetry_failing",
                   "traces do not arrive (" + text(status, {"telemetry", "last_error"}) + "); " +
                       std::to_string(number(status, {"telemetry", "dropped"})) +
                       " spans were dropped",
                   "look at the receiver that `telemetry.traces` names; calls are not affected"});
  }
  const std::string scrub = text(status, {"scrub", "result"});
  if (scrub == "bad") {
    out.push_back({"scrub_bad", "re-reading the ledger found something bad",
                   "pawl verify " + text(status, {"data"}) + " names it; restore from a backup"});
  } else if (number(status, {"scrub", "age_s"}) > kScrubOld_s) {
    out.push_back({"scrub_old", "the ledger was not re-read for more than a week", "pawl scrub"});
  }
  if (number(status, {"bugs"}) > 0) {
    out.push_back({"bugs", "Pawl found a broken invariant of its own",
                   "report it with the log lines of event bug"});
  }
}

std::string conflict(const json::Value& witness, const std::string& what) {
  const bool is_proven = !text(witness, {"conflict", "evidence"}).empty();
  return "witness " + text(witness, {"witness"}) +
         (is_proven ? " proves" : " says, without proof,") + " that " + what;
}

void witnesses(const json::Value& status, std::vector<Trouble>& out) {
  std::string silent;
  for (const json::Value& witness : list(status, {"witnesses", "witnesses"})) {
    if (const std::string what = text(witness, {"conflict", "what"}); !what.empty()) {
      out.push_back({"witness_conflict", conflict(witness, what),
                     "docs/operations/witnesses.md; if the data folder is an older copy: "
                     "docs/operations/restored-backup.md"});
    } else if (const std::string why = text(witness, {"trouble"}); !why.empty()) {
      silent.append(silent.empty() ? "" : "; ").append(text(witness, {"witness"}));
      silent.append(": ").append(why);
    }
  }
  const std::int64_t late_s =
      kWitnessRounds * number(status, {"witnesses", "every_s"}, kWitnessRounds);
  const bool is_late = number(status, {"witnesses", "age_s"}, late_s + 1) > late_s &&
                       number(status, {"witnesses", "asking_s"}, late_s + 1) > late_s;
  if (!silent.empty() && is_late && number(status, {"witnesses", "uncovered"}) > 0) {
    out.push_back(
        {"witnesses_missing",
         "no checkpoint meets the witness policy for " +
             counted(static_cast<std::uint64_t>(number(status, {"witnesses", "uncovered"})),
                     "record") +
             ": " + silent,
         "ask who runs them; calls are not affected, receipts are: "
         "docs/operations/witnesses.md"});
  }
}

void trust_bundles(const json::Value& status, std::vector<Trouble>& out) {
  for (const json::Value& bundle : list(status, {"trust_bundles_not_taken"})) {
    const std::string domain = text(bundle, {"domain"});
    const std::string until = text(bundle, {"counts_until"});
    out.push_back({"trust_bundle_not_taken",
                   "no new bundle of trust domain " + domain + " was taken since " +
                       text(bundle, {"since"}) + ": " + text(bundle, {"reason"}) +
                       (until.empty() ? "; none counts, so nobody of that domain passes"
                                      : "; the one in use counts until " + until),
                   "look at what `trust_domains." + domain +
                       "` names, and ask who runs that domain; it goes on by itself with a good "
                       "bundle: docs/operations/trust-domains.md"});
  }
}

void vault(const json::Value& status, std::vector<Trouble>& out) {
  const json::Array& unusable = list(status, {"vault", "unusable"});
  for (std::size_t i = 0; i < unusable.size() && i < kMaxNamed; ++i) {
    out.push_back({"vault_unusable",
                   text(unusable[i], {"object"}) +
                       " in the vault does not open: " + text(unusable[i], {"reason"}),
                   text(unusable[i], {"object"}).starts_with("body/")
                       ? "docs/operations/lost-vault-key.md"
                       : "docs/operations/lost-vault-key.md; then restart pawl"});
  }
  const json::Array& back = list(status, {"vault", "came_back"});
  for (std::size_t i = 0; i < back.size() && i < kMaxNamed; ++i) {
    out.push_back({"vault_came_back",
                   text(back[i], {"object"}) + " was erased (record " + text(back[i], {"record"}) +
                       "), and was in the vault again at the start: its key " +
                       text(back[i], {"key"}) + " is destroyed again",
                   "an older copy of the vault was put back: look who has it, and delete the key "
                   "there, too: docs/operations/erase-data.md"});
  }
}

}  // namespace

std::vector<Trouble> troubles_of(const json::Value& status) {
  std::vector<Trouble> out;
  for (const auto look : {daemon, ledger, equivocations, keys, stops, held_calls, unknowns,
                          upstreams, agents, witnesses, trust_bundles, vault, notices, upkeep}) {
    look(status, out);
  }
  return out;
}

json::Array troubles_json(const json::Value& status) {
  json::Array out;
  for (const Trouble& trouble : troubles_of(status)) {
    out.push_back(json::Object{{"id", trouble.id}, {"what", trouble.what}, {"do", trouble.todo}});
  }
  return out;
}

}  // namespace pawl
