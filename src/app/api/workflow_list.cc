#include "app/api/workflow_list.h"

#include "app/api/workflow_graph.h"

namespace pawl {

json::Object workflow_row_json(const store::WorkflowRow& row, std::uint64_t log) {
  json::Array agents;
  for (const auto& [agent, count] : row.agents) {
    if (agents.size() < kMostAgentsNamed) {
      agents.emplace_back(agent);
    }
  }
  json::Object outcomes;
  for (const auto& [outcome, count] : row.outcomes) {
    outcomes[outcome] = count;
  }
  json::Object out{
      {"id", row.workflow}, {"began", row.began}, {"last", row.last}, {"records", row.records}};
  out["agents_left_out"] = row.agents.size() - agents.size();
  out["agents"] = std::move(agents);
  out["outcome_counts"] = std::move(outcomes);
  if (log != 0) {
    out["log"] = log;
  }
  return out;
}

Result<json::Object> workflow_json(const std::string& id, const std::vector<store::RecordRow>& rows,
                                   std::uint64_t total, std::string_view expand) {
  Result<json::Object> drawn = draw_workflow(rows, expand);
  if (!drawn) {
    return drawn;
  }
  json::Object out{{"id", id}, {"total", total}, {"left_out", total - rows.size()}};
  out["truncated"] =
      total > rows.size() || drawn->at("edges_left_out").to_number<std::uint64_t>() > 0;
  for (auto& member : *drawn) {
    out[member.key()] = std::move(member.value());
  }
  return out;
}

}  // namespace pawl
