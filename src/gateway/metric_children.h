// The children of one metric family by label values, found without the library's slow path.
//
// Purpose:    Family::Add takes a lock and copies maps on every call; a call of an agent meets ten
//             of them. Here each child is looked up among the few that exist.
// Threading:  any thread.
// Ownership:  the family (and its registry) outlives it.
// Not errors: a value of a closed label that the table does not name is a defect: counted
//             (PAWL_BUG), and the sample goes to a child of its own so that nothing is lost.
#pragma once

#include <prometheus/family.h>

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/mutex.h"
#include "gateway/metric_table.h"

namespace pawl {

template <class Metric>
class MetricChildren {
 public:
  template <class... Extra>
  MetricChildren(prometheus::Family<Metric>& family, const MetricRow& row, const Extra&... extra)
      : family_(family), row_(row), make_([this, extra...](const prometheus::Labels& labels) {
          return &family_.Add(labels, extra...);
        }) {
    // Closed sets show from the start, as zero.
    if (row.labels.empty()) {
      at("", "");
    } else if (row.labels.size() == 1) {
      for (const std::string_view value : row.labels[0].values) {
        at(value, "");
      }
    }
  }

  Metric& at(std::string_view first, std::string_view second) {
    MutexLock lock(mutex_);
    for (const Child& child : children_) {
      if (child.first == first && child.second == second) {
        return *child.metric;
      }
    }
    prometheus::Labels labels;
    const std::string_view values[] = {first, second};
    for (std::size_t i = 0; i < row_.labels.size(); ++i) {
      const std::vector<std::string_view>& known = row_.labels[i].values;
      const bool named =
          known.empty() || std::find(known.begin(), known.end(), values[i]) != known.end();
      const bool noted = PAWL_BUG(named, "a value of a closed label stands in the metric table");
      (void)noted;
      labels.emplace(row_.labels[i].name, values[i]);
    }
    children_.push_back({std::string(first), std::string(second), make_(labels)});
    return *children_.back().metric;
  }

 private:
  struct Child {
    std::string first, second;
    Metric* metric;
  };
  prometheus::Family<Metric>& family_;
  const MetricRow& row_;
  const std::function<Metric*(const prometheus::Labels&)> make_;
  Mutex mutex_;
  std::vector<Child> children_ PAWL_GUARDED_BY(mutex_);
};

}  // namespace pawl
