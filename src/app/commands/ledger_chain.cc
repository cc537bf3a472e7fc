#include "app/commands/ledger_chain.h"

#include <algorithm>
#include <array>
#include <map>
#include <ostream>

#include "app/commands/ledger_query.h"
#include "app/commands/record_lookup.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/ect/ect_level.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::size_t kMostRecords = 10'000;

struct Cause {
  std::string id;
  std::string basis;  // empty: the record does not say
};

struct Link {
  store::RecordRow row;
  std::vector<Cause> causes;
  bool is_partial = false;  // the tokens presented with it name tasks that were not at hand
  ect::Level level = ect::Level::kL3;  // the weakest of its own and of what it came from
};

const json::Array* array_of(const json::Object& object, std::string_view name) {
  const json::Value* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? &value->get_array() : nullptr;
}

std::string text_at(const json::Array* array, std::size_t at) {
  const bool there = array != nullptr && at < array->size() && (*array)[at].is_string();
  return there ? std::string((*array)[at].get_string()) : std::string();
}

std::vector<Cause> causes_of(const FoundRecord& record) {
  std::vector<Cause> out;
  const json::Object body = body_of(record);
  const json::Value* claims = &record.jws.payload;
  const json::Array* parents =
      claims->is_object() ? array_of(claims->get_object(), "pred") : nullptr;
  for (std::size_t i = 0; parents != nullptr && i < parents->size(); ++i) {
    out.push_back({text_at(parents, i), text_at(array_of(body, "basis"), i)});
  }
  return out;
}

std::string text_of(const json::Object& body, std::string_view name) {
  const json::Value* value = body.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// The effective level: nothing is worth more than what caused it. Causes stand before.
void weaken(std::vector<Link>& chain) {
  std::map<std::string, ect::Level> levels;
  for (Link& link : chain) {
    for (const Cause& cause : link.causes) {
      if (const auto found = levels.find(cause.id); found != levels.end()) {
        link.level = ect::weakest(link.level, found->second);
      }
    }
    levels[link.row.id.text()] = link.level;
  }
}

Result<std::vector<Link>> chain_of(Context& context, const std::string& workflow) {
  const Result<DataFolder> folder = data_folder(context);
  if (!folder) {
    return fail(folder.error());
  }
  store::RecordFilter filter;
  filter.workflow = workflow;
  filter.limit = kMostRecords;
  Result<std::vector<store::RecordRow>> rows = query_records(context, folder->root, filter);
  if (!rows) {
    return fail(rows.error());
  }
  std::vector<Link> out;
  for (auto row = rows->rbegin(); row != rows->rend(); ++row) {
    const Result<FoundRecord> record =
        find_record(context, log_root(folder->root, row->log), std::to_string(row->index));
    if (!record) {
      return fail(record.error());
    }
    const json::Object body = body_of(*record);
    const std::optional<ect::Level> level = ect::parse_level(text_of(body, names::kBodyLevel));
    out.push_back({std::move(*row), causes_of(*record), body.contains("graph"),
                   level.value_or(ect::Level::kL3)});
  }
  weaken(out);
  return out;
}

std::string place(const store::RecordRow& row) {
  return (row.log > 0 ? std::to_string(row.log) + ":" : "") + std::to_string(row.index);
}

using Line = std::array<std::string, 5>;

// A cause in the chain is named by its place in it, another one by its id.
Line line_of(const Link& link, const std::map<std::string, std::string>& places) {
  std::string causes;
  for (const Cause& cause : link.causes) {
    const auto found = places.find(cause.id);
    causes += causes.empty() ? "" : ", ";
    causes += found != places.end() ? found->second : shown_text(cause.id);
    causes += cause.basis.empty() ? "" : " " + shown_text(cause.basis);
  }
  causes += link.is_partial ? " (partial)" : "";
  if (link.level < ect::Level::kL3) {
    causes.append(" (").append(ect::level_name(link.level)).append(")");
  }
  const store::RecordRow& row = link.row;
  const std::string what = row.tool.empty() ? row.verb : row.tool;
  return {place(row), row.id.text(),
          row.server.empty() ? shown_text(row.kind) : shown_text(row.server + "/" + what),
          shown_text(row.outcome.empty() ? "-" : row.outcome), causes};
}

void print_table(std::ostream& out, const std::vector<Link>& chain) {
  std::map<std::string, std::string> places;
  for (const Link& link : chain) {
    places[link.row.id.text()] = place(link.row);
  }
  std::vector<Line> lines = {{"", "record", "call", "outcome", "caused by"}};
  std::array<std::size_t, 5> widths{};
  for (const Link& link : chain) {
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

int show_chain(Context& context, const std::string& name) {
  const Result<std::string> workflow = workflow_of(context, name);
  const Result<std::vector<Link>> chain =
      workflow ? chain_of(context, *workflow) : Result<std::vector<Link>>(fail(workflow.error()));
  if (!chain) {
    return report(context, chain.error(),
                  chain.error().code == Code::kBadSignature ? kExitBad : kExitUnclear);
  }
  if (chain->empty()) {
    return report(context, {Code::kNotFound, "no record and no workflow has the id " + name});
  }
  if (!context.io.json) {
    print_table(context.io.out, *chain);
    return kExitGood;
  }
  for (const Link& link : *chain) {
    json::Object out = record_json(link.row);
    json::Array causes;
    for (const Cause& cause : link.causes) {
      causes.push_back(json::Object{{"record", cause.id}, {"basis", cause.basis}});
    }
    out["causes"] = std::move(causes);
    if (link.is_partial) {
      out["graph"] = "partial";
    }
    out["level"] = ect::level_name(link.level);
    context.io.out << json::print(out) << '\n';
  }
  return kExitGood;
}

}  // namespace

Result<std::string> workflow_of(Context& context, const std::string& name) {
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

void add_ledger_chain(CLI::App& group, Context& context) {
  CLI::App* command =
      add_command(group, "chain", "The records of one workflow, oldest first, each with its causes",
                  {"pawl ledger chain 17", "pawl ledger chain 01a20a33-15db-7195-918e-dd30c6c062e7",
                   "pawl ledger chain 4f6b1c2e-9a3d-8e21-b7c4-5d6e7f809a1b --json"});
  auto name = std::make_shared<std::string>();
  command->add_option("ID", *name, "The workflow's id, or the id or index of a record in it")
      ->required();
  on_run(*command, context, [&context, name] { return show_chain(context, *name); });
}

}  // namespace pawl
