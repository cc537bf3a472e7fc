#include "app/commands/ledger_query.h"

#include <algorithm>
#include <ostream>

#include "app/commands/record_lookup.h"
#include "app/commands/shown_record.h"
#include "app/commands/state_words.h"
#include "foundation/jose/jws.h"
#include "foundation/ledger/renewal.h"
#include "foundation/records/kinds.h"
#include "foundation/records/outcome.h"
#include "foundation/rules/expiry.h"
#include "infrastructure/store/index_check.h"

namespace pawl {
namespace {

struct Asked {
  store::RecordFilter filter;
  std::string since, until;
};

Result<std::optional<std::int64_t>> time_of(const std::string& name, const std::string& text) {
  if (text.empty()) {
    return std::optional<std::int64_t>();
  }
  const std::optional<std::int64_t> time = rules::parse_time(text);
  if (!time) {
    return fail(
        Code::kInvalidParams,
        name + " \"" + text + "\": expected a date (2026-03-07) or a time (2026-03-07T09:00:00Z)");
  }
  return time;
}

// A misspelt word would find nothing, which reads as "it never happened".
Status check_words(const Asked& asked) {
  const store::RecordFilter& filter = asked.filter;
  if (!filter.outcome.empty() && !is_shown_outcome(filter.outcome)) {
    return fail(Code::kInvalidParams,
                "--outcome \"" + filter.outcome +
                    "\": expected confirmed, failed, unknown, denied, held or error");
  }
  for (const auto& [name, value] : {std::pair{"--verb", filter.verb}, {"--kind", filter.kind}}) {
    if (!value.empty() && !kinds::is_known(value)) {
      return fail(Code::kInvalidParams, std::string(name) + " \"" + value +
                                            "\": expected one of docs/formats/records.md, for "
                                            "example tool.call");
    }
  }
  if (!filter.workflow.empty() && !Uuid::parse(filter.workflow)) {
    return fail(Code::kInvalidParams, "--workflow \"" + filter.workflow + "\": expected a UUID");
  }
  return {};
}

int query(Context& context, Asked asked) {
  if (Status good = check_words(asked); !good) {
    return report(context, good.error());
  }
  const auto since = time_of("--since", asked.since);
  const auto until = time_of("--until", asked.until);
  if (!since || !until) {
    return report(context, since ? until.error() : since.error());
  }
  asked.filter.since = *since;
  asked.filter.until = *until;
  const Result<DataFolder> folder = data_folder(context);
  const auto rows = folder ? query_records(context, folder->root, asked.filter)
                           : Result<std::vector<store::RecordRow>>(fail(folder.error()));
  if (!rows) {
    return report(context, rows.error(),
                  rows.error().code == Code::kBadSignature ? kExitBad : kExitUnclear);
  }
  for (const store::RecordRow& row : *rows) {
    const bool silent = !row.outcome.empty();  // only state has more to say than its row
    const Result<FoundRecord> record =
        silent ? fail(Code::kNotFound, "")
               : find_record(context, log_root(folder->root, row.log), std::to_string(row.index));
    print_row(context, record ? told_row(row, record->jws.compact) : ToldRow{row});
  }
  if (!context.io.json && rows->size() == asked.filter.limit) {
    context.io.err << "(the newest " << rows->size() << "; --limit shows more)\n";
  }
  return kExitGood;
}

}  // namespace

namespace {

// An index that says something else than the ledger is built again, once.
Result<std::vector<store::RecordRow>> checked_rows(Context& context, const std::string& root,
                                                   std::uint64_t log,
                                                   const store::RecordFilter& filter) {
  const std::string folder = log_root(root, log);
  Result<std::unique_ptr<store::RecordIndex>> index =
      log == 0 ? current_index(context, root) : frozen_index(context, root, log);
  for (const bool again : {false, true}) {
    Result<std::vector<store::RecordRow>> rows =
        index ? (*index)->query(filter)
              : Result<std::vector<store::RecordRow>>(fail(index.error()));
    const Status same =
        rows ? store::check_rows(context.files, folder, *rows) : Status(fail(rows.error()));
    if (same) {
      return rows;
    }
    if (!rows || again || same.error().code != Code::kBadSignature) {
      return fail(same.error());
    }
    context.io.err << "(the index was wrong, and is built again: " << same.error().message << ")\n";
    Status built = (*index)->clear();
    built = built ? (*index)->catch_up(context.files, folder) : built;
    if (!built) {
      return fail(built.error());
    }
  }
  return fail(Code::kInternal, "not reached");
}

}  // namespace

Result<std::vector<store::RecordRow>> query_records(Context& context, const std::string& root,
                                                    store::RecordFilter filter) {
  std::vector<store::RecordRow> out;
  std::vector<std::uint64_t> logs = ledger::frozen_logs(context.files, root);
  logs.push_back(0);
  for (; !logs.empty() && filter.limit > 0; logs.pop_back()) {
    const std::uint64_t log = logs.back();
    Result<std::vector<store::RecordRow>> rows = checked_rows(context, root, log, filter);
    if (!rows) {
      return rows;
    }
    filter.limit -= std::min(filter.limit, rows->size());
    for (store::RecordRow& row : *rows) {
      row.log = log;
      out.push_back(std::move(row));
    }
  }
  return out;
}

ToldRow told_row(store::RecordRow row, std::string_view token) {
  ToldRow out{std::move(row)};
  if (const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1)) {
    out.words = state_words(out.row.kind, *jws);
    out.members = state_members(out.row.kind, *jws);
  }
  return out;
}

void print_row(Context& context, const ToldRow& told) {
  if (!context.io.json) {
    const std::string line = record_line(told.row);  // ends with blanks where nobody called
    context.io.out << line.substr(0, line.find_last_not_of(' ') + 1)
                   << (told.words.empty() ? "" : "  " + told.words) << '\n';
    return;
  }
  json::Object out = record_json(told.row);
  if (!told.words.empty()) {
    out["says"] = told.words;
  }
  for (const auto& member : told.members) {
    out[member.key()] = member.value();
  }
  context.io.out << json::print(out) << '\n';
}

void add_ledger_query(CLI::App& group, Context& context) {
  CLI::App* command = add_command(
      group, "query", "Records by who, where, what and when, newest first",
      {"pawl ledger query --outcome denied", "pawl ledger query --agent triage --since 2026-03-07",
       "pawl ledger query --server files --verb tool.call --limit 10 --json"});
  auto asked = std::make_shared<Asked>();
  store::RecordFilter& filter = asked->filter;
  command->add_option("--agent", filter.agent, "Agent")->type_name("ID");
  command->add_option("--server", filter.server, "Server")->type_name("NAME");
  command->add_option("--tool", filter.tool, "Tool or prompt")->type_name("NAME");
  command->add_option("--verb", filter.verb, "What was asked for, also when it was refused")
      ->type_name("VERB");
  command->add_option("--kind", filter.kind, "Kind of record, for example task.denied")
      ->type_name("KIND");
  command
      ->add_option("--outcome", filter.outcome, "confirmed, failed, unknown, denied, held, error")
      ->type_name("OUTCOME");
  command->add_option("--workflow", filter.workflow, "Workflow")->type_name("UUID");
  command->add_option("--since", asked->since, "From this date or time on")->type_name("TIME");
  command->add_option("--until", asked->until, "Before this date or time")->type_name("TIME");
  command->add_option("--limit", filter.limit, "At most this many (default 100)")
      ->type_name("N")
      ->check(CLI::Range(1, 10'000));
  on_run(*command, context, [&context, asked] { return query(context, *asked); });
}

}  // namespace pawl
