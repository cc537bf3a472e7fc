// Every stat of the path. The list itself is metric_table.h.
//
// Threading:  any thread; the registry is prometheus-cpp's.
// Rule:       no label takes a value that an agent or server can choose freely: agents, tools and
//             reasons stand in records, not in metrics.
// Cost:       a lock and a short search for each sample; no allocation once a child exists.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "foundation/records/outcome.h"

namespace pawl {

// What `pawl status` shows of a step, estimated from the histogram's buckets.
struct StepSummary {
  std::string_view step;
  std::uint64_t count = 0;
  double p50_s = 0, p99_s = 0;
};

class Metrics {
 public:
  Metrics();
  ~Metrics();

  void action(std::string_view verb, Outcome outcome);
  void refused(std::string_view control, Code code);
  void observed_denial();
  void step(std::string_view name, double seconds);  // decide, acquire, intent, upstream, record
  void open_calls(double now);
  void stops(double now);
  void late_answer();
  void repeat_answered();
  void sent_again();     // an idempotent call, after its connection was lost
  void notice_summed();  // a server's notice that shares a record with others
  void flooded(double count);
  void upstream(std::string_view server, std::string_view event);
  void upstream_up(std::string_view server, bool up);
  // Values read when /metrics is asked for.
  void rejected_input(std::string_view kind, std::uint64_t total);
  void set_gauge(std::string_view name, double value);  // a name of pawl_state
  // A counter that is kept elsewhere: its total since the start.
  void set_total(std::string_view metric, std::string_view label_value, std::uint64_t total);

  std::string text() const;  // Prometheus text format
  std::vector<StepSummary> steps() const;
  std::uint64_t actions() const;  // since the start, of every verb and outcome

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl
