// The one list of metrics: a metric that is not in it cannot exist.
//
// Purpose:    names, types, labels and the values that labels can take; Metrics makes exactly
//             these, and docs/operations/metrics.md is tested against it.
// Threading:  constant after start-up.
// Rule:       a label's values are written here or come from a closed set in the code or from the
//             operator's configuration; none can be chosen by an agent or a server.
#pragma once

#include <string_view>
#include <vector>

namespace pawl {

enum class MetricType { kCounter, kGauge, kHistogram };

struct MetricLabel {
  std::string_view name;
  std::vector<std::string_view> values;  // empty: a closed set elsewhere (codes, verbs, servers)
};

struct MetricRow {
  std::string_view name;
  MetricType type;
  std::string_view help;
  std::vector<MetricLabel> labels;
};

const std::vector<MetricRow>& metric_table();
// The row of this name; a name that is not in the table is a defect (PAWL_CHECK).
const MetricRow& metric_row(std::string_view name);

}  // namespace pawl
