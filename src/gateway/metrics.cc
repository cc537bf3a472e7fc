#include "gateway/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "base/assert.h"

namespace pawl {

struct Metrics::Impl {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& counter(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  prometheus::Family<prometheus::Gauge>& gauge(const char* name, const char* help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
  }

  prometheus::Family<prometheus::Counter>& actions =
      counter("pawl_actions_total", "Actions by verb and outcome");
  prometheus::Family<prometheus::Counter>& refusals =
      counter("pawl_refusals_total", "Refused actions by control and code");
  prometheus::Family<prometheus::Counter>& observed =
      counter("pawl_observed_denials_total", "Denials that observe mode let pass");
  prometheus::Family<prometheus::Histogram>& steps = prometheus::BuildHistogram()
                                                         .Name("pawl_step_seconds")
                                                         .Help("Time in each step of the path")
                                                         .Register(registry);
  prometheus::Family<prometheus::Gauge>& open = gauge("pawl_open_calls", "Calls now open");
  prometheus::Family<prometheus::Gauge>& stops =
      gauge("pawl_stops_in_force", "Stops that an operator has not resumed");
  prometheus::Family<prometheus::Counter>& late =
      counter("pawl_late_answers_total", "Upstream answers after the call had ended");
  prometheus::Family<prometheus::Counter>& again =
      counter("pawl_sent_again_total", "Idempotent calls sent again after a lost connection");
  prometheus::Family<prometheus::Counter>& notices =
      counter("pawl_notices_summarized_total", "Notices of servers that share a summary record");
  prometheus::Family<prometheus::Counter>& flooded =
      counter("pawl_refusals_summarized_total", "Refusals that share a summary record");
  prometheus::Family<prometheus::Counter>& rejected =
      counter("pawl_rejected_input_total", "Input that could not be read, by kind");
  prometheus::Family<prometheus::Counter>& upstreams =
      counter("pawl_upstream_events_total", "What happened to upstream connections and children");
  prometheus::Family<prometheus::Gauge>& state = gauge("pawl_state", "Sizes and ages by name");
  prometheus::Family<prometheus::Counter>& bugs =
      counter("pawl_bugs_total", "Invariants found broken (PAWL_BUG)");
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::action(std::string_view verb, Outcome outcome) {
  impl_->actions.Add({{"verb", std::string(verb)}, {"outcome", std::string(outcome_name(outcome))}})
      .Increment();
}
void Metrics::refused(std::string_view control, Code code) {
  impl_->refusals.Add({{"control", std::string(control)}, {"code", std::string(code_name(code))}})
      .Increment();
}
void Metrics::observed_denial() {
  impl_->observed.Add({}).Increment();
}
void Metrics::step(std::string_view name, double seconds) {
  impl_->steps
      .Add({{"step", std::string(name)}},
           prometheus::Histogram::BucketBoundaries{0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005,
                                                   0.01, 0.05, 0.1, 0.5, 1, 10, 60})
      .Observe(seconds);
}
void Metrics::open_calls(double now) {
  impl_->open.Add({}).Set(now);
}
void Metrics::stops(double now) {
  impl_->stops.Add({}).Set(now);
}
void Metrics::late_answer() {
  impl_->late.Add({}).Increment();
}
void Metrics::sent_again() {
  impl_->again.Add({}).Increment();
}
void Metrics::notice_summed() {
  impl_->notices.Add({}).Increment();
}
void Metrics::flooded(double count) {
  impl_->flooded.Add({}).Increment(count);
}
void Metrics::rejected_input(std::string_view kind, std::uint64_t total) {
  prometheus::Counter& counter = impl_->rejected.Add({{"kind", std::string(kind)}});
  counter.Increment(static_cast<double>(total) - counter.Value());
}
void Metrics::upstream(std::string_view server, std::string_view event) {
  impl_->upstreams.Add({{"server", std::string(server)}, {"event", std::string(event)}})
      .Increment();
}
void Metrics::set_gauge(std::string_view name, double value) {
  impl_->state.Add({{"name", std::string(name)}}).Set(value);
}

std::string Metrics::text() const {
  prometheus::Counter& bugs = impl_->bugs.Add({});
  bugs.Increment(static_cast<double>(bug_count()) - bugs.Value());
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace pawl
