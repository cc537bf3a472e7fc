#include "gateway/metric_table.h"

#include <algorithm>

#include "base/assert.h"

namespace pawl {
namespace {

using Values = std::vector<std::string_view>;
constexpr MetricType kCounter = MetricType::kCounter, kGauge = MetricType::kGauge,
                     kHistogram = MetricType::kHistogram;

const Values kControls = {"stops",    "revocations",    "identity", "numbers", "rules",
                          "limits",   "tokens",         "ledger",   "caller",  "gateway",
                          "upstream", "authentication", "repeat",   "people",  "outside"};

const Values kInputKinds = {
    "http",      "header_too_large",   "body_too_large", "too_slow", "origin",
    "message",   "header_mismatch",    "method",         "session",  "too_many_connections",
    "at_header", "too_much_unfinished"};

// Each is a limit: its name in the configuration, or the page's name of a fixed one.
const Values kLimits = {"open_calls",
                        "open_calls_per_agent",
                        "call_timeout_s",
                        "drain_timeout_s",
                        "decide_turns",
                        "kept_answers",
                        "ledger_queue",
                        "override_slots",
                        "max_upstreams",
                        "start_timeout_s",
                        "upstream_exchanges",
                        "upstream_garbage",
                        "upstream_bytes",
                        "line_bytes",
                        "line_queue",
                        "sessions",
                        "sessions_per_agent",
                        "session_requests",
                        "stream_queue",
                        "input_rounds",
                        "names",
                        "followed_tasks",
                        "task_handles",
                        "own_task_bytes",
                        "wrap_arrivals",
                        "orphan_groups",
                        "descriptors",
                        "telemetry_queue",
                        "entry_readers",
                        "session_subscriptions",
                        "max_connections",
                        "lifted_stops",
                        "revocations",
                        "connections_per_agent",
                        "max_queued_mib",
                        "upstream_silent",
                        "remembered_proofs",
                        "token_memory",
                        "token_fetch_parents",
                        "token_fetch_timeout_s",
                        "token_fetches",
                        "token_fetch_bytes",
                        "token_fetch_again",
                        "kept_body_kib",
                        "kept_bodies_mib",
                        "kept_bodies_space",
                        "kept_bodies_unsynced",
                        "pending_holds",
                        "waiting_holds",
                        "event_readers",
                        "event_queue",
                        "outside_questions",
                        "people",
                        "people_sessions",
                        "sessions_per_person",
                        "sign_ins",
                        "sign_ins_waiting",
                        "reads_waiting"};

const Values kStates = {"ledger_entries",
                        "ledger_writable",
                        "ledger_closed",
                        "ledger_free_bytes",
                        "ledger_reserve_bytes",
                        "ledger_log_bytes",
                        "head_file_failures",
                        "ledger_queue",
                        "ledger_syncs",
                        "ledger_sync_seconds",
                        "ledger_bytes",
                        "queued_output_bytes",
                        "clock_steps",
                        "waiting_calls",
                        "held_calls",
                        "approvals_pending",
                        "notices_owed",
                        "event_readers",
                        "sessions",
                        "shims",
                        "unknown_outcomes",
                        "revocations",
                        "rules",
                        "telemetry_queued_spans",
                        "unfinished_body_bytes",
                        "scrub_age_seconds",
                        "scrub_damaged",
                        "scrub_unreadable",
                        "scrub_passes",
                        "scrub_entry",
                        "scrub_repaired",
                        "equivocations",
                        "witnesses_good",
                        "witness_failures",
                        "witness_conflicts",
                        "witnessed_entries",
                        "witnessed_age_seconds",
                        "entry_bundles_read",
                        "entry_readers_refused",
                        "trust_bundles",
                        "trust_bundle_failures",
                        "trust_bundle_age_seconds"};

std::vector<MetricRow> make_table() {
  return {
      {"pawl_actions_total",
       kCounter,
       "Actions by verb and outcome",
       {{"verb", {}}, {"outcome", {}}}},
      {"pawl_refusals_total",
       kCounter,
       "Refused actions by control and code",
       {{"control", kControls}, {"code", {}}}},
      {"pawl_observed_denials_total", kCounter, "Denials that observe mode let pass", {}},
      {"pawl_step_seconds",
       kHistogram,
       "Time in each step of the path",
       {{"step",
         {"fetch", "decide", "outside", "hold", "acquire", "intent", "upstream", "record"}}}},
      {"pawl_open_calls", kGauge, "Calls now open", {}},
      {"pawl_stops_in_force", kGauge, "Stops that an operator has not resumed", {}},
      {"pawl_late_answers_total", kCounter, "Upstream answers after the call had ended", {}},
      {"pawl_repeats_answered_total", kCounter, "Repeats that got a kept answer again", {}},
      {"pawl_sent_again_total",
       kCounter,
       "Idempotent calls sent again after a lost connection",
       {}},
      {"pawl_notices_summarized_total",
       kCounter,
       "Notices of servers that share a summary record",
       {}},
      {"pawl_refusals_summarized_total", kCounter, "Refusals that share a summary record", {}},
      {"pawl_rejected_input_total",
       kCounter,
       "Input that could not be read, by kind",
       {{"kind", kInputKinds}}},
      {"pawl_limits_reached_total",
       kCounter,
       "Times that a limit was reached",
       {{"limit", kLimits}}},
      {"pawl_upstream_events_total",
       kCounter,
       "What happened to upstream connections and children",
       {{"server", {}}, {"event", {"started", "not_started", "closed"}}}},
      {"pawl_upstream_up",
       kGauge,
       "1 if the server answered its last start, 0 if it did not",
       {{"server", {}}}},
      {"pawl_bridge_events_total",
       kCounter,
       "Messages that had nowhere to go, and pauses",
       {{"event", {"dropped_server_message", "late_client_answer", "pause"}}}},
      {"pawl_telemetry_spans_total",
       kCounter,
       "Spans by what became of them",
       {{"result", {"exported", "dropped"}}}},
      {"pawl_telemetry_failed_requests_total",
       kCounter,
       "Requests that the receiver did not take",
       {}},
      {"pawl_notices_total",
       kCounter,
       "Notices to people by what became of an attempt, or of the notice",
       {{"result", {"delivered", "failed", "dropped"}}}},
      {"pawl_log_lines_suppressed_total",
       kCounter,
       "Log lines of a flood that were only counted",
       {}},
      {"pawl_state", kGauge, "Sizes and ages by name", {{"name", kStates}}},
      {"pawl_bugs_total", kCounter, "Invariants found broken (PAWL_BUG)", {}},
  };
}

}  // namespace

const std::vector<MetricRow>& metric_table() {
  static const std::vector<MetricRow> table = make_table();
  return table;
}

const MetricRow& metric_row(std::string_view name) {
  const std::vector<MetricRow>& table = metric_table();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const MetricRow& row) { return row.name == name; });
  PAWL_CHECK(found != table.end(), "a metric stands in the table");
  return *found;
}

}  // namespace pawl
