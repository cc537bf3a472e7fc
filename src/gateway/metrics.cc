#include "gateway/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <map>

#include "base/assert.h"
#include "base/limit_stat.h"
#include "gateway/metric_children.h"
#include "gateway/metric_table.h"

namespace pawl {
namespace {

using prometheus::Counter, prometheus::Gauge, prometheus::Histogram;

const Histogram::BucketBoundaries kSeconds = {
    0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02,
    0.05,    0.1,     0.2,     0.5,    1,      2,      5,     10,    30,    60};

// The value below which `share` of the samples lie, linear within a bucket.
double quantile(const prometheus::ClientMetric::Histogram& histogram, double share) {
  const double wanted = share * static_cast<double>(histogram.sample_count);
  double below = 0, from = 0;
  for (const prometheus::ClientMetric::Bucket& bucket : histogram.bucket) {
    const double count = static_cast<double>(bucket.cumulative_count);
    if (count >= wanted && count > below) {
      const bool open = bucket.upper_bound > kSeconds.back();
      return open ? from : from + (bucket.upper_bound - from) * (wanted - below) / (count - below);
    }
    below = count;
    from = bucket.upper_bound;
  }
  return from;
}

}  // namespace

// A base, so that the families are there when the members below refer to them.
struct MetricFamilies {
  prometheus::Registry registry;
  std::map<std::string_view, MetricChildren<Counter>> counters;
  std::map<std::string_view, MetricChildren<Gauge>> gauges;
  std::map<std::string_view, MetricChildren<Histogram>> histograms;

  MetricFamilies() {
    for (const MetricRow& row : metric_table()) {
      const std::string name(row.name), help(row.help);
      switch (row.type) {
        case MetricType::kCounter:
          counters.try_emplace(
              row.name, prometheus::BuildCounter().Name(name).Help(help).Register(registry), row);
          break;
        case MetricType::kGauge:
          gauges.try_emplace(
              row.name, prometheus::BuildGauge().Name(name).Help(help).Register(registry), row);
          break;
        case MetricType::kHistogram:
          histograms.try_emplace(
              row.name, prometheus::BuildHistogram().Name(name).Help(help).Register(registry), row,
              kSeconds);
          break;
      }
    }
  }
};

struct Metrics::Impl : MetricFamilies {
  MetricChildren<Counter>& actions = counters.at("pawl_actions_total");
  MetricChildren<Counter>& refusals = counters.at("pawl_refusals_total");
  MetricChildren<Histogram>& steps = histograms.at("pawl_step_seconds");
  MetricChildren<Gauge>& state = gauges.at("pawl_state");
  Gauge& open = gauges.at("pawl_open_calls").at("", "");
  std::atomic<std::uint64_t> action_count{0};
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::action(std::string_view verb, Outcome outcome) {
  impl_->actions.at(verb, outcome_name(outcome)).Increment();
  impl_->action_count.fetch_add(1, std::memory_order_relaxed);
}
void Metrics::refused(std::string_view control, Code code) {
  impl_->refusals.at(control, code_name(code)).Increment();
}
void Metrics::observed_denial() {
  impl_->counters.at("pawl_observed_denials_total").at("", "").Increment();
}
void Metrics::step(std::string_view name, double seconds) {
  impl_->steps.at(name, "").Observe(seconds);
}
void Metrics::open_calls(double now) {
  impl_->open.Set(now);
}
void Metrics::stops(double now) {
  impl_->gauges.at("pawl_stops_in_force").at("", "").Set(now);
}
void Metrics::repeat_answered() {
  impl_->counters.at("pawl_repeats_answered_total").at("", "").Increment();
}
void Metrics::late_answer() {
  impl_->counters.at("pawl_late_answers_total").at("", "").Increment();
}
void Metrics::sent_again() {
  impl_->counters.at("pawl_sent_again_total").at("", "").Increment();
}
void Metrics::notice_summed() {
  impl_->counters.at("pawl_notices_summarized_total").at("", "").Increment();
}
void Metrics::flooded(double count) {
  impl_->counters.at("pawl_refusals_summarized_total").at("", "").Increment(count);
}
void Metrics::upstream(std::string_view server, std::string_view event) {
  impl_->counters.at("pawl_upstream_events_total").at(server, event).Increment();
}
void Metrics::upstream_up(std::string_view server, bool up) {
  impl_->gauges.at("pawl_upstream_up").at(server, "").Set(up ? 1 : 0);
}
void Metrics::rejected_input(std::string_view kind, std::uint64_t total) {
  set_total("pawl_rejected_input_total", kind, total);
}
void Metrics::set_gauge(std::string_view name, double value) {
  impl_->state.at(name, "").Set(value);
}
void Metrics::set_total(std::string_view metric, std::string_view label_value,
                        std::uint64_t total) {
  const auto family = impl_->counters.find(metric);
  if (PAWL_BUG(family != impl_->counters.end(), "a counter stands in the metric table")) {
    Counter& counter = family->second.at(label_value, "");
    counter.Increment(static_cast<double>(total) - counter.Value());
  }
}

std::string Metrics::text() const {
  std::map<std::string_view, std::uint64_t> limits;
  LimitStat::visit([&](std::string_view limit, std::uint64_t count) { limits[limit] += count; });
  MetricChildren<Counter>& family = impl_->counters.at("pawl_limits_reached_total");
  for (const auto& [limit, count] : limits) {
    Counter& counter = family.at(limit, "");
    counter.Increment(static_cast<double>(count) - counter.Value());
  }
  Counter& bugs = impl_->counters.at("pawl_bugs_total").at("", "");
  bugs.Increment(static_cast<double>(bug_count()) - bugs.Value());
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

std::vector<StepSummary> Metrics::steps() const {
  std::vector<StepSummary> out;
  for (const std::string_view step : metric_row("pawl_step_seconds").labels[0].values) {
    const auto histogram = impl_->steps.at(step, "").Collect().histogram;
    if (histogram.sample_count > 0) {
      out.push_back(
          {step, histogram.sample_count, quantile(histogram, 0.5), quantile(histogram, 0.99)});
    }
  }
  return out;
}

std::uint64_t Metrics::actions() const {
  return impl_->action_count.load(std::memory_order_relaxed);
}

}  // namespace pawl
