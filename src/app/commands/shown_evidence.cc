#include "app/commands/shown_evidence.h"

#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"

namespace pawl {
namespace {

constexpr std::size_t kMostShown = 20;

std::string graph_text(const std::vector<ledger::MissingParent>& missing) {
  if (missing.empty()) {
    return "complete: everything that the records name as their cause is here";
  }
  return "partial: " + counted(missing.size(), "parent") + (missing.size() == 1 ? " is" : " are") +
         " not in the file";
}

std::string missing_text(const ledger::MissingParent& parent) {
  return parent.id.text() + ", cause of entry " + std::to_string(parent.child) +
         (parent.is_accounted ? ": from elsewhere, as the record says" : ": left out, or earlier");
}

}  // namespace

std::string evidence_text(const ShownEvidence& evidence) {
  const ledger::EvidenceGraph& graph = evidence.graph;
  std::string out = labelled("workflow", evidence.workflow.text());
  if (graph.of_workflow > 0) {
    out += labelled("records", std::to_string(graph.of_workflow) + " of the workflow, " +
                                   std::to_string(graph.ancestors) + " that they came from, " +
                                   std::to_string(graph.followers) + " about them, " +
                                   std::to_string(evidence.key_records) + " about keys");
    out += labelled("graph", graph_text(graph.missing));
    for (std::size_t i = 0; i < graph.missing.size() && i < kMostShown; ++i) {
      out += labelled("missing", missing_text(graph.missing[i]));
    }
    if (graph.missing.size() > kMostShown) {
      out += labelled("missing", "and " + std::to_string(graph.missing.size() - kMostShown) +
                                     " more (--json names all)");
    }
    out += labelled("level", std::string(ect::level_name(graph.level)) +
                                 (graph.missing.empty() ? "" : ", of what is here"));
  }
  return out;
}

std::string evidence_notes(const ShownEvidence& evidence, ledger::Verdict verdict) {
  if (verdict == ledger::Verdict::kGood) {
    return labelled("not shown",
                    "that nothing was left out: other records of the workflow, other "
                    "records about keys");
  }
  return verdict == ledger::Verdict::kUnknown
             ? labelled("its keys", evidence.fingerprint + " (as the file says)")
             : std::string();
}

json::Object evidence_json(const ShownEvidence& evidence) {
  json::Array missing;
  for (const ledger::MissingParent& parent : evidence.graph.missing) {
    missing.push_back(json::Object{
        {"id", parent.id.text()}, {"child", parent.child}, {"accounted", parent.is_accounted}});
  }
  const bool is_partial = !missing.empty();
  json::Object out{{"workflow", evidence.workflow.text()},
                   {"records", evidence.graph.of_workflow},
                   {"ancestors", evidence.graph.ancestors},
                   {"followers", evidence.graph.followers},
                   {"key_records", evidence.key_records},
                   {"partial", is_partial},
                   {"level", ect::level_name(evidence.graph.level)},
                   {"fingerprint", evidence.fingerprint}};
  out["missing"] = std::move(missing);
  return out;
}

}  // namespace pawl
