#include "app/config/telemetry_config.h"

#include <charconv>

namespace pawl {

void read_telemetry(YamlMap& root, const Values& values, Config& config) {
  std::optional<YamlMap> telemetry = root.map("telemetry");
  if (!telemetry) {
    return;
  }
  TelemetryConfig& out = config.telemetry;
  out.traces = values.secret(*telemetry, "traces");
  if (!out.traces.starts_with("http://") && !out.traces.starts_with("https://")) {
    telemetry->bad("traces",
                   "expected the URL of an OTLP receiver, for example "
                   "http://127.0.0.1:4318/v1/traces");
  }
  for (const auto& [header, value] : telemetry->texts("headers")) {
    out.headers.add(header, values.resolved(*telemetry, "headers", value));
  }
  const std::string share = telemetry->text("sample", "1");
  const char* const end = share.data() + share.size();
  const auto [stop, error] = std::from_chars(share.data(), end, out.sample);
  if (error != std::errc{} || stop != end || !(out.sample >= 0 && out.sample <= 1)) {
    telemetry->bad("sample", "expected a share of the traces, 0 to 1");
  }
  telemetry->finish();
}

}  // namespace pawl
