#include "app/daemon/telemetry.h"

#include "app/daemon/upstream_factory.h"

namespace pawl {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kMaxAnswer = 64 * 1024;

telemetry::Post post_to(const TelemetryConfig& config, http::ClientPool& pool) {
  return
      [&config, &pool](std::string body, std::function<void(Result<telemetry::PostAnswer>)> done) {
        http::ClientRequest request;
        request.url = config.traces;
        request.method = "POST";
        request.headers = config.headers;
        request.headers.set("Content-Type", "application/json");
        request.body = std::move(body);
        request.timeouts.total = kPatience;
        pool.fetch(
            std::move(request),
            [done = std::move(done)](Result<http::Response> answer) {
              if (!answer) {
                done(fail(answer.error()));
              } else {
                done(telemetry::PostAnswer{answer->status, std::move(answer->body)});
              }
            },
            kMaxAnswer);
      };
}

}  // namespace

std::unique_ptr<telemetry::SpanExporter> make_span_exporter(const Config& config,
                                                            http::ClientPool& pool,
                                                            Scheduler& scheduler, Random& random) {
  if (config.telemetry.traces.empty()) {
    return nullptr;
  }
  telemetry::ExporterOptions options;
  options.sample = config.telemetry.sample;
  options.version = kVersion;
  options.resource = {{"service.name", "pawl"},
                      {"service.namespace", config.domain},
                      {"service.instance.id", config.node},
                      {"service.version", std::string(kVersion)}};
  return std::make_unique<telemetry::SpanExporter>(
      scheduler, random, post_to(config.telemetry, pool), std::move(options));
}

}  // namespace pawl
