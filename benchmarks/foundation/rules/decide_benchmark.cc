// What one rule decision costs, over a generated rule set (benchmarks/policy/rule_sets.mjs).
//
// Usage: decide_benchmark RULES REQUESTS [Google Benchmark options]
//        decide_benchmark RULES REQUESTS --decisions    prints one of allow, deny a line
// RULES is a rule file, REQUESTS one JSON object a line: kind, agent, tool, arguments. Benchmarks:
// all (every request in turn), hit, miss, default. The counter "touched" is the most rules that one
// decision looked at.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/json.h"
#include "foundation/rules/rules.h"

namespace pawl::bench {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "decide_benchmark: %s\n", why.c_str());
  std::exit(1);
}

struct Request {
  std::string kind;
  json::Parsed parsed;
  rules::Facts facts;  // views into parsed
};

std::string text_of(const json::Value& value, const char* member) {
  return std::string(json::find_string(value, {member}).value_or(""));
}

std::vector<std::unique_ptr<Request>> read_requests(const std::string& path) {
  std::vector<std::unique_ptr<Request>> out;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    Result<json::Parsed> parsed = json::parse(line);
    if (!parsed) {
      give_up(path + ": " + parsed.error().message);
    }
    auto request = std::make_unique<Request>();
    request->parsed = *std::move(parsed);
    const json::Value& value = request->parsed.value;
    request->kind = text_of(value, "kind");
    request->facts.agent = *json::find_string(value, {"agent"});
    request->facts.tool = *json::find_string(value, {"tool"});
    request->facts.server = "up";
    request->facts.verb = "tool.call";
    request->facts.arguments = json::find(value, {"arguments"});
    out.push_back(std::move(request));
  }
  if (out.empty()) {
    give_up(path + ": no requests");
  }
  return out;
}

void decide_all(benchmark::State& state, const rules::RuleSet& set,
                const std::vector<const rules::Facts*>& facts) {
  std::size_t next = 0;
  std::size_t touched = 0;
  for (auto _ : state) {
    const rules::Decision decision = set.decide(*facts[next], 1'800'000'000);
    benchmark::DoNotOptimize(decision.effect);
    touched = std::max(touched, decision.rules_touched);
    next = next + 1 == facts.size() ? 0 : next + 1;
  }
  state.counters["touched"] = static_cast<double>(touched);
}

}  // namespace
}  // namespace pawl::bench

int main(int argc, char** argv) {
  using namespace pawl;
  if (argc < 3) {
    bench::give_up("usage: decide_benchmark RULES REQUESTS [--decisions | OPTIONS]");
  }
  std::stringstream text;
  text << std::ifstream(argv[1]).rdbuf();
  const Result<std::shared_ptr<const rules::RuleSet>> set =
      rules::RuleSet::load({{argv[1], text.str()}});
  if (!set) {
    bench::give_up(set.error().message);
  }
  const auto requests = bench::read_requests(argv[2]);
  if (argc > 3 && std::string(argv[3]) == "--decisions") {
    for (const auto& request : requests) {
      const rules::Decision decision = (*set)->decide(request->facts, 1'800'000'000);
      std::puts(decision.effect == rules::Effect::kAllow ? "allow" : "deny");
    }
    return 0;
  }
  std::vector<std::vector<const rules::Facts*>> lists;
  const std::vector<std::string> kinds = {"all", "hit", "miss", "default"};
  for (const std::string& kind : kinds) {
    lists.emplace_back();
    for (const auto& request : requests) {
      if (kind == "all" || kind == request->kind) {
        lists.back().push_back(&request->facts);
      }
    }
  }
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (!lists[i].empty()) {
      benchmark::RegisterBenchmark(kinds[i].c_str(), bench::decide_all, std::ref(**set), lists[i]);
    }
  }
  int rest = argc - 2;
  argv[2] = argv[0];
  benchmark::Initialize(&rest, argv + 2);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
