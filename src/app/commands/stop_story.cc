#include "app/commands/stop_story.h"

#include <algorithm>

#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/commands/state_words.h"
#include "foundation/ledger/renewal.h"
#include "foundation/records/kinds.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxStops = 10'000;  // of the newest

bool names_stop(const FoundRecord& record, const Uuid& stop) {
  const json::Value body(body_of(record));
  if (record.row.kind == kinds::kOverrideApplied) {
    return json::find_string(body, {"stop", "id"}) == stop.text();
  }
  const json::Value* stops = json::find(body, {"stops"});
  for (const json::Value& one :
       stops != nullptr && stops->is_array() ? stops->get_array() : json::Array()) {
    if (one.is_string() && one.get_string() == stop.text()) {
      return true;
    }
  }
  return false;
}

// In one log: the one in use (0), or a frozen one.
Result<std::optional<FoundRecord>> search(Context& context, const std::string& root,
                                          std::uint64_t log, std::string_view kind,
                                          const Uuid& stop) {
  const Result<std::unique_ptr<store::RecordIndex>> index =
      log == 0 ? current_index(context, root) : frozen_index(context, root, log);
  if (!index) {
    return fail(index.error());
  }
  store::RecordFilter filter;
  filter.kind = kind;
  filter.limit = kMaxStops;
  const Result<std::vector<store::RecordRow>> rows = (*index)->query(filter);
  if (!rows) {
    return fail(rows.error());
  }
  for (const store::RecordRow& row : *rows) {
    Result<FoundRecord> record =
        find_record(context, log_root(root, log), std::to_string(row.index));
    if (!record) {
      return fail(record.error());
    }
    if (names_stop(*record, stop)) {
      return std::optional<FoundRecord>(*std::move(record));
    }
  }
  return std::optional<FoundRecord>();
}

std::string told(const FoundRecord& record) {
  return state_words(record.row.kind, record.jws) + " (" + shown_time(record.row.at) + ", record " +
         record.row.id.text() + ")";
}

}  // namespace

Result<StopStory> stop_story(Context& context, const std::string& root, const Uuid& stop) {
  StopStory out;
  std::vector<std::uint64_t> logs = ledger::frozen_logs(context.files, root);
  logs.push_back(0);
  std::reverse(logs.begin(), logs.end());  // newest first
  for (const auto& [kind, place] :
       {std::pair{kinds::kOverrideApplied, &out.applied}, {kinds::kOverrideLifted, &out.lifted}}) {
    for (auto log = logs.begin(); log != logs.end() && !*place; ++log) {
      Result<std::optional<FoundRecord>> found = search(context, root, *log, kind, stop);
      if (!found) {
        return fail(found.error());
      }
      *place = *std::move(found);
    }
  }
  return out;
}

std::string story_lines(const StopStory& story) {
  if (!story.applied) {
    return labelled("stop", "the ledger has no record of it: it stands in the override journal");
  }
  const json::Value body(body_of(*story.applied));
  const std::string scope(json::find_string(body, {"stop", "scope"}).value_or(""));
  return labelled("stop", told(*story.applied)) +
         labelled("resumed", story.lifted ? told(*story.lifted)
                                          : "not as far as this ledger says; an operator can: "
                                            "pawl resume " +
                                                shown_text(scope));
}

json::Object story_json(const StopStory& story) {
  json::Object out;
  for (const auto& [name, record] :
       {std::pair{"applied", &story.applied}, {"lifted", &story.lifted}}) {
    if (*record) {
      json::Object one{{"record", (*record)->row.id.text()}, {"at", (*record)->row.at}};
      for (const auto& member : state_members((*record)->row.kind, (*record)->jws)) {
        one[member.key()] = member.value();
      }
      out[name] = std::move(one);
    }
  }
  return out;
}

std::optional<Uuid> stop_of_rule(const std::string& rule) {
  constexpr std::string_view kPrefix = "stop:";
  const Result<Uuid> id = rule.starts_with(kPrefix) ? Uuid::parse(rule.substr(kPrefix.size()))
                                                    : fail(Code::kNotFound, "");
  return id ? std::optional<Uuid>(*id) : std::nullopt;
}

std::optional<Uuid> stop_of_record(const FoundRecord& record) {
  const json::Value body(body_of(record));
  const auto id = record.row.kind == kinds::kOverrideApplied
                      ? json::find_string(body, {"stop", "id"})
                      : std::nullopt;
  const Result<Uuid> parsed = id ? Uuid::parse(std::string(*id)) : fail(Code::kNotFound, "");
  return parsed ? std::optional<Uuid>(*parsed) : std::nullopt;
}

}  // namespace pawl
