#include "app/commands/ledger_graph.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "app/commands/record_lookup.h"
#include "foundation/ledger/reader.h"
#include "foundation/ledger/renewal.h"

namespace pawl {
namespace {

// The oldest first; the log in use is the last, and has the number 0.
std::vector<std::uint64_t> logs_of(Context& context, const std::string& root) {
  std::vector<std::uint64_t> logs = ledger::frozen_logs(context.files, root);
  logs.push_back(0);
  return logs;
}

Result<std::unique_ptr<store::RecordIndex>> index_of(Context& context, const std::string& root,
                                                     std::uint64_t log) {
  return log == 0 ? current_index(context, root) : frozen_index(context, root, log);
}

}  // namespace

Result<LedgerGraph> LedgerGraph::load(Context& context, const std::string& root) {
  std::uint64_t seed = 0;
  std::memcpy(&seed, context.random.bytes(sizeof seed).data(), sizeof seed);
  LedgerGraph out(root, seed);
  for (const std::uint64_t log : logs_of(context, root)) {
    if (Status added = out.add_log(context, log); !added) {
      return fail(added.error());
    }
  }
  out.places_.resize(out.graph_.nodes());
  return out;
}

Status LedgerGraph::add_log(Context& context, std::uint64_t log) {
  const Result<std::unique_ptr<store::RecordIndex>> index = index_of(context, root_, log);
  if (!index) {
    return fail(index.error());
  }
  return (*index)->each_edge([&](const store::GraphRow& row) {
    const Node node =
        graph_.add(row.id, row.parents,
                   {.level = static_cast<std::uint8_t>(row.level), .partial = row.partial});
    if (node != RecordGraph::kNone) {
      places_.resize(graph_.nodes());
      places_[node] = {log, row.index};
    }
  });
}

Status LedgerGraph::compare(Node node, const store::RecordRow& row) const {
  const std::span<const Node> parents = graph_.parents(node);
  const bool same =
      row.graph_id() == graph_.id(node) && row.parents.size() == parents.size() &&
      std::equal(parents.begin(), parents.end(), row.parents.begin(),
                 [this](Node parent, const Uuid& id) { return graph_.id(parent) == id; }) &&
      static_cast<std::uint8_t>(row.level) == graph_.facts(node).level &&
      row.partial == graph_.facts(node).partial;
  return same ? Status{}
              : fail(Code::kBadSignature, "entry " + std::to_string(row.index) +
                                              ": the index has another place for it in the graph");
}

Status LedgerGraph::each_entry(
    Context& context, const std::vector<Node>& nodes,
    const std::function<void(Node, store::RecordRow, std::string_view)>& see) const {
  std::map<std::uint64_t, std::vector<std::pair<std::uint64_t, Node>>> by_log;
  for (const Node node : nodes) {
    if (graph_.there(node)) {
      by_log[places_[node].log].emplace_back(places_[node].index, node);
    }
  }
  for (const std::uint64_t log : logs_of(context, root_)) {
    std::vector<std::pair<std::uint64_t, Node>>& places = by_log[log];
    std::sort(places.begin(), places.end());
    std::vector<std::uint64_t> indices;
    indices.reserve(places.size());
    for (const auto& [index, node] : places) {
      indices.push_back(index);
    }
    std::size_t next = 0;
    Status same;
    const auto entry = [&](std::uint64_t index, std::string_view token) {
      Result<store::RecordRow> row = store::read_record_row(index, token);
      const Node node = places[next++].second;
      same = row ? compare(node, *row) : Status(fail(row.error()));
      if (same) {
        row->log = log;
        see(node, *std::move(row), token);
      }
      return same.has_value();
    };
    const Status walked = ledger::walk_at(context.files, log_root(root_, log), indices, entry);
    if (!walked || !same) {
      return walked ? same : walked;
    }
    if (next < places.size()) {
      return fail(Code::kBadSignature, "entry " + std::to_string(indices[next]) +
                                           ": the index has a row of it, and the ledger has no "
                                           "such entry");
    }
  }
  return {};
}

Status LedgerGraph::rebuild(Context& context, const std::string& root) {
  for (const std::uint64_t log : logs_of(context, root)) {
    const Result<std::unique_ptr<store::RecordIndex>> index = index_of(context, root, log);
    Status done = index ? (*index)->clear() : Status(fail(index.error()));
    done = done ? (*index)->catch_up(context.files, log_root(root, log)) : done;
    if (!done) {
      return done;
    }
  }
  return {};
}

}  // namespace pawl
