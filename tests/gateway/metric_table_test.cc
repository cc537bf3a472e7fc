// The table of metrics against its page, and against what a scrape really has.

#include "gateway/metric_table.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "base/files.h"
#include "base/limit_stat.h"
#include "gateway/metrics.h"
#include "tests/support/source_dir.h"

namespace pawl {
namespace {

std::string page() {
  return *read_file(system_files(), source_dir() + "/docs/operations/metrics.md");
}

// The part of the page between a heading and the next one.
std::string section(const std::string& text, const std::string& heading) {
  const std::size_t begin = text.find("\n## " + heading);
  EXPECT_NE(begin, std::string::npos) << heading;
  return text.substr(begin, text.find("\n## ", begin + 4) - begin);
}

std::set<std::string> found(const std::string& text, const char* pattern) {
  std::set<std::string> out;
  const std::regex expression(pattern);
  for (auto hit = std::sregex_iterator(text.begin(), text.end(), expression);
       hit != std::sregex_iterator(); ++hit) {
    out.insert((*hit)[1]);
  }
  return out;
}

std::set<std::string> values_of(std::string_view metric, std::size_t label) {
  const auto& values = metric_row(metric).labels.at(label).values;
  return {values.begin(), values.end()};
}

std::string row_of(const std::string& text, std::string_view metric) {
  const std::size_t begin = text.find("\n| `" + std::string(metric) + "` |");
  return begin == std::string::npos ? "" : text.substr(begin, text.find('\n', begin + 1) - begin);
}

TEST(MetricTable, ThePageHasExactlyTheMetricsOfTheTable) {
  std::set<std::string> in_code;
  for (const MetricRow& row : metric_table()) {
    in_code.insert(std::string(row.name));
  }
  EXPECT_EQ(found(section(page(), "All of them"), R"(\n\| `(pawl_[a-z_]+)` \|)"), in_code);
}

TEST(MetricTable, ThePageNamesTypeLabelsAndEveryValue) {
  const std::string text = page();
  for (const MetricRow& row : metric_table()) {
    const std::string line = row_of(text, row.name);
    const char* type = row.type == MetricType::kCounter ? "| counter |"
                       : row.type == MetricType::kGauge ? "| gauge |"
                                                        : "| histogram |";
    EXPECT_NE(line.find(type), std::string::npos) << row.name;
    for (const MetricLabel& label : row.labels) {
      EXPECT_NE(line.find("`" + std::string(label.name) + "`"), std::string::npos) << row.name;
      if (label.name == "limit" || label.name == "name") {
        continue;  // in tables of their own, below
      }
      for (const std::string_view value : label.values) {
        EXPECT_NE(line.find("`" + std::string(value) + "`"), std::string::npos)
            << row.name << " " << value;
      }
    }
  }
}

TEST(MetricTable, ThePageHasExactlyTheLimitsAndStates) {
  const std::string limits = section(page(), "Limits");
  std::set<std::string> on_page = found(limits, R"(\n\| `([a-z_]+)` \|)");
  const std::set<std::string> configured = found(limits, "limit=\"([a-z_]+)\"");
  on_page.insert(configured.begin(), configured.end());
  EXPECT_EQ(on_page, values_of("pawl_limits_reached_total", 0));
  const std::string states = section(page(), "States");
  std::set<std::string> names;
  for (const std::string& line : found(states, R"(\n\| (`[^|]+) \|)")) {
    names.merge(found(line, "`([a-z_]+)`"));
  }
  EXPECT_EQ(names, values_of("pawl_state", 0));
}

// Every number under `limits` and every limit of a server has a stat on the page.
TEST(MetricTable, EveryConfiguredLimitHasAStat) {
  const std::string source = *read_file(system_files(), source_dir() + "/src/app/config/config.cc");
  const std::set<std::string> limits = found(source, "limits->integer\\(\\s*\"([a-z_]+)\"");
  ASSERT_GE(limits.size(), 7u);
  const std::string text = section(page(), "Limits");
  for (const std::string& limit : limits) {
    EXPECT_NE(text.find("| `limits." + limit + "` | `pawl_"), std::string::npos) << limit;
  }
  for (const std::string limit :
       {"max_upstreams", "start_timeout_s", "call_timeout_s", "idle_timeout_s"}) {
    EXPECT_NE(text.find("| `servers.NAME." + limit + "` | `pawl_"), std::string::npos) << limit;
  }
}

TEST(MetricTable, EveryLimitOfTheProgramIsInTheTable) {
  const std::set<std::string> known = values_of("pawl_limits_reached_total", 0);
  std::size_t seen = 0;
  LimitStat::visit([&](std::string_view limit, std::uint64_t) {
    ++seen;
    EXPECT_TRUE(known.contains(std::string(limit))) << limit;
  });
  EXPECT_GE(seen, 5u);
}

TEST(Metrics, AScrapeHasEveryMetricAndEveryClosedValueFromTheStart) {
  const std::string text = Metrics().text();
  for (const MetricRow& row : metric_table()) {
    if (row.labels.size() == 1) {
      for (const std::string_view value : row.labels[0].values) {
        const std::string label = std::string(row.labels[0].name) + "=\"" + std::string(value);
        EXPECT_NE(text.find(label), std::string::npos) << row.name << " " << value;
      }
    } else if (row.labels.empty()) {
      EXPECT_NE(text.find("\n" + std::string(row.name) + " 0"), std::string::npos) << row.name;
    }
  }
}

TEST(Metrics, QuantilesLieInTheRightBucket) {
  Metrics metrics;
  for (int i = 0; i < 98; ++i) {
    metrics.step("decide", 0.00015);
  }
  metrics.step("decide", 0.3);
  metrics.step("decide", 0.4);
  const std::vector<StepSummary> steps = metrics.steps();
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].count, 100u);
  EXPECT_GT(steps[0].p50_s, 0.0001);
  EXPECT_LE(steps[0].p50_s, 0.0002);
  EXPECT_GT(steps[0].p99_s, 0.2);
  EXPECT_LE(steps[0].p99_s, 0.5);
}

TEST(Metrics, TotalsKeptElsewhereGrowAndAreNotAddedTwice) {
  Metrics metrics;
  metrics.rejected_input("http", 3);
  metrics.rejected_input("http", 5);
  EXPECT_NE(metrics.text().find("pawl_rejected_input_total{kind=\"http\"} 5\n"), std::string::npos);
}

}  // namespace
}  // namespace pawl
