#include "app/commands/status_command.h"

#include <cstdio>
#include <ostream>

#include "app/commands/local_http.h"
#include "app/commands/offline_status.h"
#include "app/commands/shown_text.h"
#include "app/commands/status_troubles.h"

namespace pawl {
namespace {

std::string shown(const json::Value& status, std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(status, path);
  if (found == nullptr) {
    return "?";
  }
  return found->is_string() ? shown_text(std::string_view(found->get_string()))
                            : json::print(*found);
}

std::string rounded(const json::Value& status, std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(status, path);
  if (found == nullptr || !found->is_number()) {
    return "?";
  }
  char out[32];
  std::snprintf(out, sizeof out, "%.3g", found->to_number<double>());
  return out;
}

std::string duration(const json::Value& status, std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(status, path);
  if (found == nullptr || !found->is_number()) {
    return "?";
  }
  const auto s = found->to_number<std::int64_t>();
  const std::string small = std::to_string(s) + " s";
  return s < 120       ? small
         : s < 7200    ? std::to_string(s / 60) + " min"
         : s < 172'800 ? std::to_string(s / 3600) + " h"
                       : std::to_string(s / 86'400) + " days";
}

void show_troubles(std::ostream& out, const std::vector<Trouble>& troubles) {
  if (troubles.empty()) {
    out << "WELL    nothing needs a person\n";
    return;
  }
  out << "NEEDS A PERSON (" << troubles.size() << ")\n";
  for (const Trouble& trouble : troubles) {
    out << "  " << trouble.what << "\n      -> " << trouble.todo << "\n";
  }
}

std::uint64_t count_of(const json::Value& at, std::initializer_list<std::string_view> path) {
  const json::Value* found = json::find(at, path);
  return found != nullptr && found->is_number() ? found->to_number<std::uint64_t>() : 0;
}

// Of a server by URL nothing is started: each agent, or session, has a connection of its own.
std::string history(const json::Value& server) {
  const std::string kind = shown(server, {"kind"});
  if (kind == "wrapped") {
    return " (wrapped), " + counted(count_of(server, {"shims"}), "shim");
  }
  return (kind == "url" ? " (URL), connected " : ", started ") +
         counted(count_of(server, {"started"}), "time");
}

void show_upstreams(std::ostream& out, const json::Value& status) {
  const json::Value* servers = json::find(status, {"upstreams"});
  if (servers == nullptr || !servers->is_array()) {
    return;
  }
  for (const json::Value& server : servers->get_array()) {
    out << "server  " << shown(server, {"server"}) << ": " << shown(server, {"state"});
    if (json::find(server, {"since_s"}) != nullptr) {
      out << " for " << duration(server, {"since_s"});
    }
    out << history(server) << "\n";
  }
}

// The oldest first: what hangs is at the top.
void show_running(std::ostream& out, const json::Value& status) {
  const json::Value* calls = json::find(status, {"running"});
  if (calls == nullptr || !calls->is_array()) {
    return;
  }
  for (const json::Value& call : calls->get_array()) {
    out << "open    agent " << shown(call, {"agent"}) << " -> " << shown(call, {"server"}) << ": "
        << shown(call, {"verb"});
    for (const char* what : {"tool", "resource"}) {
      if (json::find(call, {what}) != nullptr) {
        out << " " << shown(call, {what});
      }
    }
    out << ", " << shown(call, {"stage"}) << " for " << duration(call, {"age_s"}) << "\n";
  }
  const std::uint64_t more = count_of(status, {"open_calls"}) - calls->get_array().size();
  if (count_of(status, {"open_calls"}) > calls->get_array().size()) {
    out << "open    and " << more << " more\n";
  }
}

void show_steps(std::ostream& out, const json::Value& status) {
  const json::Value* steps = json::find(status, {"steps"});
  if (steps == nullptr || !steps->is_array()) {
    return;
  }
  for (const json::Value& step : steps->get_array()) {
    out << "step    " << shown(step, {"step"}) << ": p50 " << rounded(step, {"p50_ms"})
        << " ms, p99 " << rounded(step, {"p99_ms"}) << " ms, of " << shown(step, {"count"}) << "\n";
  }
}

std::string scrubbed(const json::Value& status) {
  const auto result = json::find_string(status, {"scrub", "result"});
  return result && (*result == "good" || *result == "bad")
             ? std::string(*result) + ", " + duration(status, {"scrub", "age_s"}) + " ago"
             : "no pass has ended yet";
}

// Nobody is asked: no line.
void show_witnesses(std::ostream& out, const json::Value& status) {
  const json::Value* asked = json::find(status, {"witnesses", "witnesses"});
  if (asked == nullptr || !asked->is_array()) {
    return;
  }
  std::size_t good = 0;
  for (const json::Value& witness : asked->get_array()) {
    const json::Value* is_good = json::find(witness, {"good"});
    good += is_good != nullptr && is_good->is_bool() && is_good->get_bool() ? 1 : 0;
  }
  out << "witness " << good << " of " << asked->get_array().size() << " answer; "
      << counted(count_of(status, {"witnesses", "size"}), "record") << " cosigned";
  if (json::find(status, {"witnesses", "age_s"}) != nullptr) {
    out << " " << duration(status, {"witnesses", "age_s"}) << " ago";
  }
  out << ", " << count_of(status, {"witnesses", "uncovered"}) << " not yet\n";
}

// "support/7 of ops@example.org, signed by ann, "
std::string set_words(const json::Value& status) {
  if (json::find(status, {"rules", "set"}) == nullptr) {
    return "";
  }
  const std::string signer = json::find(status, {"rules", "signed_by"}) != nullptr
                                 ? "signed by " + shown(status, {"rules", "signed_by"})
                             : shown(status, {"rules", "signed"}) == "true" ? "signed"
                                                                            : "not signed";
  return shown(status, {"rules", "set", "name"}) + "/" +
         shown(status, {"rules", "set", "version"}) + " of " +
         shown(status, {"rules", "set", "owner"}) + ", " + signer + ", ";
}

void show(std::ostream& out, const json::Value& status) {
  out << "pawl    " << shown(status, {"domain"}) << " / " << shown(status, {"node"}) << ", version "
      << shown(status, {"version"}) << ", mode " << shown(status, {"mode"}) << ", up "
      << duration(status, {"uptime_s"}) << ", pid " << shown(status, {"pid"}) << "\n"
      << "listen  data " << shown(status, {"addresses", "data"}) << ", control "
      << shown(status, {"addresses", "control"}) << ", override "
      << shown(status, {"addresses", "override"}) << "\n"
      << "calls   " << rounded(status, {"calls", "per_second"}) << " a second, "
      << shown(status, {"open_calls"}) << " open, " << shown(status, {"calls", "total"})
      << " since the start, " << shown(status, {"unknown_outcomes", "count"})
      << " with unknown outcome\n";
  show_running(out, status);
  show_steps(out, status);
  out << "ledger  " << counted(count_of(status, {"ledger", "size"}), "record") << ", writable "
      << shown(status, {"ledger", "writable"}) << ", last record "
      << shown(status, {"ledger", "last_record_at"}) << ", a sync takes "
      << rounded(status, {"ledger", "mean_sync_ms"}) << " ms\n"
      << "scrub   " << scrubbed(status) << "\n";
  show_witnesses(out, status);
  out << "rules   " << counted(count_of(status, {"rules", "count"}), "rule") << ", in force for "
      << duration(status, {"rules", "age_s"}) << " (" << set_words(status) << "digest "
      << shown(status, {"rules", "digest"}) << ")\n";
  if (const std::uint64_t revoked = count_of(status, {"revocations"}); revoked > 0) {
    out << "revoked " << counted(revoked, "revocation") << " in force (pawl revoke list)\n";
  }
  show_upstreams(out, status);
  out << "traces  " << shown(status, {"telemetry", "state"}) << "\n";
}

void show_offline(std::ostream& out, const json::Value& status) {
  out << "data    " << shown(status, {"data"}) << "\n"
      << "ledger  " << counted(count_of(status, {"ledger", "size"}), "record") << " published, "
      << shown(status, {"ledger", "segment_bytes"}) << " bytes\n"
      << "stops   of the journal only; the ledger may hold more\n";
}

int status(Context& context) {
  const Result<DataFolder> folder = data_folder(context);
  if (!folder) {
    return report(context, folder.error());
  }
  Result<json::Value> answer =
      ask_daemon(context.files, *folder, DaemonListener::kControl, "/api/v1/status", "");
  const bool reached = answer.has_value();
  json::Value told =
      reached ? *std::move(answer) : offline_status(context, *folder, answer.error().message);
  told.as_object()["now_us"] = context.clock.wall().us;
  told.as_object()["data"] = folder->root;
  const std::vector<Trouble> troubles = troubles_of(told);
  if (context.io.json) {
    told.as_object()["troubles"] = troubles_json(told);
    context.io.out << json::print(told) << "\n";
  } else {
    show_troubles(context.io.out, troubles);
    context.io.out << "\n";
    reached ? show(context.io.out, told) : show_offline(context.io.out, told);
  }
  return !reached ? kExitUnclear : troubles.empty() ? kExitGood : kExitBad;
}

}  // namespace

void add_status(CLI::App& root, Context& context) {
  CLI::App* command = add_command(root, "status",
                                  "What needs a person, then the numbers; exits 0 if nothing does, "
                                  "1 if something does, 2 if no daemon answers",
                                  {"pawl status", "pawl status --json"});
  on_run(*command, context, [&context] { return status(context); });
}

}  // namespace pawl
