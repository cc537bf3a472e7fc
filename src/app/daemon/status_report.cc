#include "app/daemon/status_report.h"

#include <unistd.h>

#include <map>

#include "app/daemon/upstream_factory.h"
#include "base/assert.h"
#include "base/limit_stat.h"
#include "base/log.h"

namespace pawl {
namespace {

constexpr std::size_t kMostCallsShown = 20;

json::Value upstreams(const StatusParts& parts) {
  std::map<std::string, mcp::ServerHealth> known = parts.health.all();
  for (const std::string& name : parts.servers.names()) {
    known.try_emplace(name);
  }
  json::Array out;
  for (const auto& [name, health] : known) {
    const mcp::ServerConfig* config = parts.servers.config(name);
    const bool by_url = config != nullptr && !config->url.empty();
    json::Object server{{"server", name}, {"kind", by_url ? "url" : "command"}};
    server["state"] = health.state == mcp::ServerHealth::State::kUp     ? "up"
                      : health.state == mcp::ServerHealth::State::kDown ? "down"
                                                                        : "unused";
    if (health.state != mcp::ServerHealth::State::kUnused) {
      server["since"] = format_rfc3339(health.since);
      server["since_s"] = (parts.clock.wall().us - health.since.us) / 1'000'000;
    }
    server["started"] = health.started;
    server["not_started"] = health.not_started;
    server["closed"] = health.closed;
    if (!health.last_error.empty()) {
      server["last_error"] = health.last_error;
      server["last_error_at"] = format_rfc3339(health.last_error_at);
    }
    out.emplace_back(std::move(server));
  }
  for (const auto& [name, shims] : parts.wrapped.all()) {
    out.emplace_back(
        json::Object{{"server", name}, {"kind", "wrapped"}, {"state", "up"}, {"shims", shims}});
  }
  return out;
}

json::Value steps(const Metrics& metrics) {
  json::Array out;
  for (const StepSummary& step : metrics.steps()) {
    out.emplace_back(json::Object{{"step", step.step},
                                  {"count", step.count},
                                  {"p50_ms", step.p50_s * 1e3},
                                  {"p99_ms", step.p99_s * 1e3}});
  }
  return out;
}

json::Value limits_reached() {
  std::map<std::string_view, std::uint64_t> counts;
  LimitStat::visit([&](std::string_view limit, std::uint64_t count) { counts[limit] += count; });
  json::Object out;
  for (const auto& [limit, count] : counts) {
    if (count > 0) {
      out[limit] = count;
    }
  }
  return out;
}

json::Value telemetry_of(const StatusParts& parts) {
  if (parts.spans == nullptr) {
    return json::Object{{"state", "off"}};
  }
  const telemetry::ExporterStats stats = parts.spans->stats();
  json::Object out{{"state", stats.last_error.empty() ? "good" : "failing"},
                   {"exported", stats.exported},
                   {"dropped", stats.dropped},
                   {"queued", stats.queued},
                   {"failed_requests", stats.failed_requests}};
  if (!stats.last_error.empty()) {
    out["last_error"] = stats.last_error;
  }
  return out;
}

json::Value disk(const StatusParts& parts) {
  json::Object out{{"reserve_bytes", parts.config.limits.reserve_mib << 20}};
  if (const Result<std::uint64_t> free = parts.files.free_bytes(parts.config.data)) {
    out["free_bytes"] = *free;
  }
  return out;
}

json::Value noisy(const StatusParts& parts) {
  json::Array out;
  for (const auto& [agent, noise] : parts.governance.gateway().noisy_agents(parts.clock.boot())) {
    out.emplace_back(
        json::Object{{"agent", agent}, {"shed", noise.shed}, {"flooded", noise.flooded}});
  }
  return out;
}

json::Value bundle_troubles(const StatusParts& parts) {
  json::Array out;
  for (const identity::BundleTrouble& trouble : parts.authenticator.bundle_troubles()) {
    json::Object one{{"domain", trouble.domain},
                     {"reason", trouble.reason},
                     {"since", format_rfc3339(trouble.since)}};
    if (trouble.counts_until) {
      one["counts_until"] = format_rfc3339(WallTime{trouble.counts_until->seconds() * 1'000'000});
    }
    out.emplace_back(std::move(one));
  }
  return out;
}

json::Value open_calls(const StatusParts& parts) {
  json::Array out;
  for (const Call* call : parts.governance.gateway().oldest_calls(kMostCallsShown)) {
    const Action& action = call->action();
    json::Object one{{"id", action.id.text()},
                     {"agent", action.caller.agent},
                     {"server", action.server},
                     {"verb", action.verb}};
    for (const auto& [name, value] :
         {std::pair<const char*, const std::string&>{"tool", action.tool},
          {"resource", action.resource},
          {"on_behalf_of", action.caller.on_behalf_of}}) {
      if (!value.empty()) {
        one[name] = value;
      }
    }
    if (action.workflow) {
      one["workflow"] = action.workflow->text();
    }
    one["stage"] = call->stage();
    one["age_s"] = (parts.clock.boot().us - action.received_boot.us) / 1'000'000;
    out.emplace_back(std::move(one));
  }
  return out;
}

}  // namespace

json::Value status_report(const StatusParts& parts) {
  json::Value status = parts.governance.status();
  json::Object& out = status.as_object();
  const Metrics& metrics = parts.governance.metrics();
  json::Array names;
  for (const std::string& name : parts.servers.names()) {
    names.emplace_back(name);
  }
  out["servers"] = std::move(names);
  out["upstreams"] = upstreams(parts);
  out["steps"] = steps(metrics);
  out["calls"] =
      json::Object{{"total", metrics.actions()},
                   {"per_second", parts.rate.per_second(metrics.actions(), parts.clock.boot())}};
  out["running"] = open_calls(parts);
  out["limits_reached"] = limits_reached();
  out["telemetry"] = telemetry_of(parts);
  out["disk"] = disk(parts);
  out["noisy_agents"] = noisy(parts);
  out["trust_bundles_not_taken"] = bundle_troubles(parts);
  out["log_lines_suppressed"] = log_lines_suppressed();
  out["bugs"] = bug_count();
  out["witnesses"] = parts.log.status();
  out["equivocations"] = parts.log.equivocations();
  out["version"] = kVersion;
  out["pid"] = getpid();
  out["shims"] = parts.wrapped.shims();
  out["time"] = format_rfc3339(parts.clock.wall());
  return status;
}

void count_telemetry(Metrics& metrics, const telemetry::SpanExporter* spans) {
  const telemetry::ExporterStats stats =
      spans == nullptr ? telemetry::ExporterStats{} : spans->stats();
  metrics.set_total("pawl_telemetry_spans_total", "exported", stats.exported);
  metrics.set_total("pawl_telemetry_spans_total", "dropped", stats.dropped);
  metrics.set_total("pawl_telemetry_failed_requests_total", "", stats.failed_requests);
  metrics.set_gauge("telemetry_queued_spans", static_cast<double>(stats.queued));
  metrics.set_total("pawl_log_lines_suppressed_total", "", log_lines_suppressed());
}

}  // namespace pawl
