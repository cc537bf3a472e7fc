#include "app/commands/record_chain.h"

#include <algorithm>
#include <map>
#include <ostream>

#include "app/commands/ledger_graph.h"
#include "app/commands/ledger_query.h"
#include "app/commands/record_lookup.h"
#include "app/commands/shown_record.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

const json::Array* array_of(const json::Object& object, std::string_view name) {
  const json::Value* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? &value->get_array() : nullptr;
}

std::string text_at(const json::Array* array, std::size_t at) {
  const bool there = array != nullptr && at < array->size() && (*array)[at].is_string();
  return there ? std::string((*array)[at].get_string()) : std::string();
}

std::vector<ChainCause> causes_of(const FoundRecord& record) {
  std::vector<ChainCause> out;
  const json::Object body = body_of(record);
  const json::Value* named = record_parents(record.jws.typ, record.jws.payload);
  const json::Array* parents = named != nullptr ? named->if_array() : nullptr;
  for (std::size_t i = 0; parents != nullptr && i < parents->size(); ++i) {
    out.push_back({text_at(parents, i), text_at(array_of(body, "basis"), i)});
  }
  return out;
}

// The records of a workflow, or the one to begin from.
Result<std::vector<Uuid>> asked_ids(Context& context, const std::string& root,
                                    const ChainAsked& asked) {
  if (asked.ancestors || asked.descendants) {
    const Result<FoundRecord> record = find_record(context, root, asked.name);
    return record ? Result<std::vector<Uuid>>(std::vector<Uuid>{record->row.graph_id()})
                  : fail(record.error());
  }
  const Result<std::string> workflow = workflow_of(context, asked.name);
  store::RecordFilter filter;
  filter.limit = kMostOfAWorkflow;
  filter.workflow = workflow.value_or("");
  const Result<std::vector<store::RecordRow>> rows =
      workflow ? query_records(context, root, filter)
               : Result<std::vector<store::RecordRow>>(fail(workflow.error()));
  if (!rows) {
    return fail(rows.error());
  }
  std::vector<Uuid> ids;
  ids.reserve(rows->size());
  for (const store::RecordRow& row : *rows) {
    ids.push_back(row.graph_id());
  }
  return ids;
}

// Ascending, each once.
Result<std::vector<RecordGraph::Node>> shown_nodes(const RecordGraph& graph,
                                                   const std::vector<Uuid>& ids,
                                                   const ChainAsked& asked) {
  std::vector<RecordGraph::Node> nodes;
  nodes.reserve(ids.size());
  for (const Uuid& id : ids) {
    const RecordGraph::Node node = graph.find(id);
    if (node == RecordGraph::kNone || !graph.there(node)) {
      return fail(Code::kBadSignature, "the index has no row of " + id.text());
    }
    nodes.push_back(node);
  }
  const std::vector<RecordGraph::Node> begin = nodes;
  if (asked.ancestors) {
    const std::vector<RecordGraph::Node> above = graph.ancestors(begin, {}).nodes;
    nodes.insert(nodes.end(), above.begin(), above.end());
  }
  if (asked.descendants) {
    const std::vector<RecordGraph::Node> below = graph.descendants(begin);
    nodes.insert(nodes.end(), below.begin(), below.end());
  }
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

// What a record is worth rests on all that it came from, also where that is not shown: the entries
// of all of these are read.
Result<RecordChain> chain_of(Context& context, const std::string& root, const ChainAsked& asked) {
  const Result<std::vector<Uuid>> ids = asked_ids(context, root, asked);
  const Result<LedgerGraph> ledger = ids ? LedgerGraph::load(context, root) : fail(ids.error());
  const Result<std::vector<RecordGraph::Node>> nodes =
      ledger ? shown_nodes(ledger->graph(), *ids, asked)
             : Result<std::vector<RecordGraph::Node>>(fail(ledger.error()));
  if (!nodes) {
    return fail(nodes.error());
  }
  const RecordGraph& graph = ledger->graph();
  std::vector<bool> shown(graph.nodes());
  for (const RecordGraph::Node node : *nodes) {
    shown[node] = true;
  }
  std::vector<RecordGraph::Node> read = graph.ancestors(*nodes, {}).nodes;
  read.insert(read.end(), nodes->begin(), nodes->end());
  std::sort(read.begin(), read.end());
  read.erase(std::unique(read.begin(), read.end()), read.end());

  std::map<RecordGraph::Node, ChainLink> links;
  const Status all = ledger->each_entry(
      context, read, [&](RecordGraph::Node node, store::RecordRow row, std::string_view token) {
        Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
        if (shown[node] && jws) {
          const FoundRecord record{row, *std::move(jws), root};
          links[node] = {std::move(row), causes_of(record), {}};
        }
      });
  if (!all) {
    return fail(all.error());
  }
  RecordGraph::Order order = graph.order();
  const std::vector<RecordGraph::Standing> standings = graph.standings(order);
  order.nodes.insert(order.nodes.end(), order.cyclic.begin(), order.cyclic.end());
  RecordChain chain;
  chain.cut = !asked.ancestors && !asked.descendants && ids->size() == kMostOfAWorkflow;
  for (const RecordGraph::Node node : order.nodes) {
    if (const auto link = links.find(node); link != links.end()) {
      link->second.standing = standings[node];
      chain.links.push_back(std::move(link->second));
    }
  }
  return chain;
}

// Records of Pawl's own state belong to none.
Result<std::string> last_workflow(Context& context) {
  constexpr std::size_t kNewest = 1'000;
  const Result<DataFolder> folder = data_folder(context);
  store::RecordFilter filter;
  filter.limit = kNewest;
  const auto rows = folder ? query_records(context, folder->root, filter)
                           : Result<std::vector<store::RecordRow>>(fail(folder.error()));
  if (!rows) {
    return fail(rows.error());
  }
  for (const store::RecordRow& row : *rows) {
    if (!row.workflow.empty()) {
      return row.workflow;
    }
  }
  return fail(Code::kNotFound, "no call among the newest 1000 records: there is no workflow yet");
}

}  // namespace

Result<std::string> workflow_of(Context& context, const std::string& name) {
  if (name == "last") {
    return last_workflow(context);
  }
  const Result<FoundRecord> record = find_record(context, name);
  if (record && record->row.workflow.empty()) {
    return fail(Code::kNotFound, "record " + name + " belongs to no workflow");
  }
  if (record) {
    return record->row.workflow;
  }
  if (Uuid::parse(name) && record.error().code == Code::kNotFound) {
    return name;
  }
  return fail(record.error());
}

ect::Level ChainLink::level() const {
  return standing.level <= 1   ? ect::Level::kL1
         : standing.level == 2 ? ect::Level::kL2
                               : ect::Level::kL3;
}

Result<RecordChain> record_chain(Context& context, const ChainAsked& asked) {
  const Result<DataFolder> folder = data_folder(context);
  if (!folder) {
    return fail(folder.error());
  }
  Result<RecordChain> chain = chain_of(context, folder->root, asked);
  if (chain || chain.error().code != Code::kBadSignature) {
    return chain;
  }
  context.io.err << "(the index may be wrong, and is built again: " << chain.error().message
                 << ")\n";
  const Status rebuilt = LedgerGraph::rebuild(context, folder->root);
  return rebuilt ? chain_of(context, folder->root, asked)
                 : Result<RecordChain>(fail(rebuilt.error()));
}

}  // namespace pawl
