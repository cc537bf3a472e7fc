#include "app/commands/ledger_chain.h"

#include <algorithm>
#include <array>
#include <map>
#include <ostream>

#include "app/commands/record_chain.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"

namespace pawl {
namespace {

std::string place(const store::RecordRow& row) {
  return (row.log > 0 ? std::to_string(row.log) + ":" : "") + std::to_string(row.index);
}

using Line = std::array<std::string, 5>;

// A cause in the chain is named by its place in it, another one by its id.
Line line_of(const ChainLink& link, const std::map<std::string, std::string>& places) {
  std::string causes;
  for (const ChainCause& cause : link.causes) {
    const auto found = places.find(cause.id);
    causes += causes.empty() ? "" : ", ";
    causes += found != places.end() ? found->second : shown_text(cause.id);
    causes += cause.basis.empty() ? "" : " " + shown_text(cause.basis);
  }
  if (link.is_cyclic()) {
    causes += " (cycle)";
  } else {
    causes += link.standing.partial ? " (partial)" : "";
    const ect::Level level = link.level();
    if (level < ect::Level::kL3) {
      causes.append(" (").append(ect::level_name(level)).append(")");
    }
  }
  const store::RecordRow& row = link.row;
  const std::string what = row.tool.empty() ? row.verb : row.tool;
  return {place(row), row.id.text(),
          row.server.empty() || row.verb.empty() ? shown_text(row.kind)
                                                 : shown_text(row.server + "/" + what),
          shown_text(row.outcome.empty() ? "-" : row.outcome), causes};
}

void print_table(std::ostream& out, const std::vector<ChainLink>& chain) {
  std::map<std::string, std::string> places;
  for (const ChainLink& link : chain) {
    places[link.row.graph_id().text()] = place(link.row);
  }
  std::vector<Line> lines = {{"", "record", "call", "outcome", "caused by"}};
  std::array<std::size_t, 5> widths{};
  for (const ChainLink& link : chain) {
    lines.push_back(line_of(link, places));
  }
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], line[i].size());
    }
  }
  for (const Line& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      text += line[i] + std::string(widths[i] - line[i].size() + 2, ' ');
    }
    out << text.substr(0, text.find_last_not_of(' ') + 1) << '\n';
  }
}

void print_json(std::ostream& out, const ChainLink& link) {
  json::Object shown = record_json(link.row);
  json::Array causes;
  for (const ChainCause& cause : link.causes) {
    causes.push_back(json::Object{{"record", cause.id}, {"basis", cause.basis}});
  }
  shown["causes"] = std::move(causes);
  if (link.standing.partial) {
    shown["graph"] = link.is_cyclic() ? "cycle" : "partial";
  }
  shown["level"] = ect::level_name(link.level());
  out << json::print(shown) << '\n';
}

int show_chain(Context& context, const ChainAsked& asked) {
  const Result<RecordChain> chain = record_chain(context, asked);
  if (!chain) {
    return report(context, chain.error(),
                  chain.error().code == Code::kBadSignature ? kExitBad : kExitUnclear);
  }
  if (chain->links.empty()) {
    return report(context, {Code::kNotFound, "no record and no workflow has the id " + asked.name});
  }
  if (!context.io.json) {
    print_table(context.io.out, chain->links);
  } else {
    for (const ChainLink& link : chain->links) {
      print_json(context.io.out, link);
    }
  }
  if (chain->cut) {
    context.io.err << "(the newest " << kMostOfAWorkflow << " of the workflow)\n";
  }
  return kExitGood;
}

}  // namespace

void add_ledger_chain(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "chain", "The records of one workflow, oldest first, each with its causes",
      {"pawl ledger chain 17", "pawl ledger chain 01a20a33-15db-7195-918e-dd30c6c062e7",
       "pawl ledger chain 17 --ancestors", "pawl ledger chain 17 --descendants --json"});
  auto asked = std::make_shared<ChainAsked>();
  command->add_option("ID", asked->name, "The workflow's id, or the id or index of a record in it")
      ->required();
  command->add_flag("--ancestors", asked->ancestors,
                    "All that this record came from, of any workflow and log");
  command->add_flag("--descendants", asked->descendants, "All that came from this record");
  on_run(*command, context, [&context, asked] { return show_chain(context, *asked); });
}

}  // namespace pawl
