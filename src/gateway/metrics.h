// Every stat of the path, named once (docs/operations/metrics.md is checked against this list).
//
// Threading:  any thread; the registry is prometheus-cpp's.
// Rule:       no label takes a value that an agent or server can choose freely: agents, tools and
//             reasons stand in records, not in metrics.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "foundation/records/outcome.h"

namespace pawl {

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
  void sent_again();     // an idempotent call, after its connection was lost
  void notice_summed();  // a server's notice that shares a record with others
  void flooded(double count);
  void upstream(std::string_view server, std::string_view event);  // "started", "exited", ...
  // Values read when /metrics is asked for; `total` is of one kind of input since the start.
  void rejected_input(std::string_view kind, std::uint64_t total);
  void set_gauge(std::string_view name, double value);

  std::string text() const;  // Prometheus text format

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl
