// An execution graph of a million nodes: its order, its closure, its memory, and what a new token
// costs that names parents in it.
//
// Usage: dag_benchmark DATA NODES TOKENS
//   DATA    the folder of a daemon that has ended, with a ledger (fill_ledger); its index is made
//           when it is not there
//   NODES   of the graph in memory
//   TOKENS  new ones, each with two parents among the records of DATA
// The new tokens go through what a daemon does with a presented token: level, signature, form,
// presenter, graph. Parents are found by the daemon's own look-up. The signature is timed apart,
// for the same tokens in turn, and taken off. Prints one JSON object.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "app/daemon/indexed_records.h"
#include "base/clock.h"
#include "base/files.h"
#include "base/random.h"
#include "foundation/records/record_graph.h"
#include "gateway/parent_tokens.h"

namespace pawl::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::uint32_t kNear = 1'000;  // most parents are recent records
constexpr std::string_view kPlanner = "https://planner.example";
constexpr std::string_view kAgent = "bench-a";

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "dag_benchmark: %s\n", why.c_str());
  std::exit(1);
}

double seconds_since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

Uuid random_id(std::mt19937_64& random) {
  Uuid id;
  for (std::uint8_t& byte : id.bytes) {
    byte = static_cast<std::uint8_t>(random());
  }
  return id;
}

// Record 0 is the ancestor of all; the last one descends from nearly all.
struct Plan {
  std::vector<Uuid> ids;
  std::vector<std::vector<std::uint32_t>> parents;
};

Plan plan_of(std::uint32_t nodes) {
  std::mt19937_64 random(20261126);
  Plan plan;
  for (std::uint32_t i = 0; i < nodes; ++i) {
    plan.ids.push_back(random_id(random));
    std::vector<std::uint32_t>& parents = plan.parents.emplace_back();
    if (i > 0) {
      parents.push_back(i - 1);  // one long chain through all of them
      parents.push_back(i - 1 - static_cast<std::uint32_t>(random() % std::min(i, kNear)));
      if (random() % 10 == 0) {
        parents.push_back(static_cast<std::uint32_t>(random() % i));
      }
    }
  }
  return plan;
}

struct GraphTimes {
  double add_s = 0, order_s = 0, standings_s = 0, ancestors_s = 0, descendants_s = 0;
  double bytes_per_node = 0, edges_per_node = 0;
};

GraphTimes time_graph(std::uint32_t nodes) {
  const Plan plan = plan_of(nodes);
  GraphTimes out;
  Steady::time_point begin = Steady::now();
  RecordGraph graph(4711);
  std::vector<Uuid> parents;
  for (std::uint32_t i = 0; i < nodes; ++i) {
    parents.clear();
    for (const std::uint32_t parent : plan.parents[i]) {
      parents.push_back(plan.ids[parent]);
    }
    graph.add(plan.ids[i], parents, {.level = static_cast<std::uint8_t>(1 + i % 3)});
  }
  out.add_s = seconds_since(begin);
  begin = Steady::now();
  const RecordGraph::Order order = graph.order();
  out.order_s = seconds_since(begin);
  begin = Steady::now();
  const std::vector<RecordGraph::Standing> standings = graph.standings(order);
  out.standings_s = seconds_since(begin);
  const RecordGraph::Node first = 0, last = nodes - 1;
  begin = Steady::now();
  const std::size_t above = graph.ancestors({&last, 1}, {}).nodes.size();
  out.ancestors_s = seconds_since(begin);
  begin = Steady::now();
  const std::size_t below = graph.descendants({&first, 1}).size();
  out.descendants_s = seconds_since(begin);
  if (order.nodes.size() != nodes || above != nodes - 1 || below != nodes - 1 ||
      standings[last].level != 1) {
    give_up("the graph gives wrong answers");
  }
  out.bytes_per_node = static_cast<double>(graph.bytes()) / nodes;
  out.edges_per_node = static_cast<double>(graph.edges()) / nodes;
  return out;
}

struct TokenTimes {
  std::uint64_t records = 0;
  double all_us = 0, p99_us = 0, verify_us = 0;  // a token: mean, 99th percentile, the signature
};

// Ids of records from all over the ledger, by another reader of the index.
std::vector<Uuid> sample_ids(const DataFolder& folder, std::size_t count, std::uint64_t& records) {
  const auto index = store::RecordIndex::open_to_read(folder.index());
  const Result<std::uint64_t> size = index ? (*index)->size() : fail(index.error());
  if (!size || *size == 0) {
    give_up("the index has no records: " + (size ? folder.index() : size.error().message));
  }
  records = *size;
  std::mt19937_64 random(7);
  std::vector<Uuid> ids;
  while (ids.size() < count) {
    const auto rows = (*index)->rows_from(random() % *size, 1);
    if (!rows) {
      give_up(rows.error().message);
    }
    if (!rows->empty()) {
      ids.push_back(rows->front().id);
    }
  }
  return ids;
}

TokenTimes time_tokens(const std::string& data, std::size_t count) {
  const DataFolder folder{data};
  IndexedRecords records(system_files(), folder);
  records.wait_until_current();
  TokenTimes out;
  const std::vector<Uuid> ids = sample_ids(folder, 2 * count, out.records);

  const SigningKey key = *SigningKey::generate(KeyKind::kP256);
  const SigningKey own = *SigningKey::generate(KeyKind::kP256);
  const Instance instance{"example.org", "gw1"};
  TokenRules rules;
  rules.graph.allow_partial = false;  // a parent that is not found ends the benchmark
  ParentTokens tokens(instance, own.public_key(), "own",
                      ForeignKeys{[&](std::string_view, std::string_view) -> Result<PublicKey> {
                                    return key.public_key();
                                  },
                                  {}},
                      rules, count);
  tokens.memory().ask_for_older([&](const Uuid& id) { return records.look_up(id); },
                                [&] { return records.ready(); });

  std::vector<std::string> texts;
  const WallTime now = system_clock().wall();
  for (std::size_t i = 0; i < count; ++i) {
    ect::Claims claims;
    claims.iss = kPlanner;
    claims.aud = {instance.agent(std::string(kAgent))};
    claims.iat = now.seconds();
    claims.exp = claims.iat + ect::kLifetimeSeconds;
    claims.jti = Uuid::v7(now, system_random());
    claims.exec_act = "plan.step";
    claims.pred = {ids[2 * i], ids[2 * i + 1]};
    texts.push_back(*ect::issue(key, "p1", claims));
  }
  std::vector<double> each;
  double verify_s = 0;
  for (const std::string& text : texts) {
    Action action;
    action.caller.agent = kAgent;
    action.caller.proof = Caller::Proof::kBearerKey;
    action.parent_tokens = {text};
    Steady::time_point begin = Steady::now();
    const auto taken = tokens.resolve(action, now);
    each.push_back(seconds_since(begin) * 1e6);
    if (!taken) {
      give_up(taken.error().message);
    }
    const Result<jose::Jws> jws = jose::decode(text);
    begin = Steady::now();
    const Status valid = jose::verify(*jws, key.public_key(), {"ES256"});
    verify_s += seconds_since(begin);
    if (!valid) {
      give_up(valid.error().message);
    }
  }
  for (const double us : each) {
    out.all_us += us / static_cast<double>(count);
  }
  out.verify_us = verify_s * 1e6 / static_cast<double>(count);
  std::sort(each.begin(), each.end());
  out.p99_us = each[each.size() * 99 / 100];
  return out;
}

}  // namespace
}  // namespace pawl::bench

int main(int argc, char** argv) {
  using namespace pawl::bench;
  if (argc != 4) {
    give_up("usage: dag_benchmark DATA NODES TOKENS");
  }
  const auto nodes = static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10));
  const std::size_t tokens = std::strtoul(argv[3], nullptr, 10);
  if (nodes < 2 || tokens < 1) {
    give_up("NODES: from 2, TOKENS: from 1");
  }
  const GraphTimes graph = time_graph(nodes);
  const TokenTimes token = time_tokens(argv[1], tokens);
  std::printf(
      "{\"nodes\":%u,\"edges_per_node\":%.3f,\"bytes_per_node\":%.2f,\"add_s\":%.4f,"
      "\"order_s\":%.4f,\"standings_s\":%.4f,\"ancestors_s\":%.4f,\"descendants_s\":%.4f,"
      "\"records\":%llu,\"token_us\":%.2f,\"token_p99_us\":%.2f,\"verify_us\":%.2f}\n",
      nodes, graph.edges_per_node, graph.bytes_per_node, graph.add_s, graph.order_s,
      graph.standings_s, graph.ancestors_s, graph.descendants_s,
      static_cast<unsigned long long>(token.records), token.all_us, token.p99_us, token.verify_us);
  return 0;
}
