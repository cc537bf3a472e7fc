#include "app/commands/approval_story.h"

#include <algorithm>

#include "app/commands/approval_use.h"
#include "app/commands/ledger_query.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "operators/approval/approval_wire.h"
#include "operators/approval/quorum.h"

namespace pawl {
namespace {

constexpr std::size_t kMostLookedAt = 10'000;  // decisions, of the newest

Result<std::vector<FoundRecord>> records_of(Context& context, const std::string& root,
                                            std::string_view kind) {
  const auto rows =
      query_records(context, root, {.kind = std::string(kind), .limit = kMostLookedAt});
  if (!rows) {
    return fail(rows.error());
  }
  std::vector<FoundRecord> out;
  for (const store::RecordRow& row : *rows) {
    Result<FoundRecord> record =
        find_record(context, log_root(root, row.log), std::to_string(row.index));
    if (!record) {
      return fail(record.error());
    }
    out.push_back(*std::move(record));
  }
  return out;
}

template <class Event>
std::optional<Event> event_of(const FoundRecord& record, const Uuid& approval) {
  const Result<approval::Event> event =
      approval::read_event(record.row.kind, json::Value(body_of(record)));
  const Event* found = event ? std::get_if<Event>(&*event) : nullptr;
  return found != nullptr && found->id == approval ? std::optional<Event>(*found) : std::nullopt;
}

// Of the arguments that people were asked about; empty: no record says so.
Result<std::string> asked_digest(Context& context, const std::string& root, const Uuid& approval) {
  const Result<std::vector<FoundRecord>> records =
      records_of(context, root, kinds::kApprovalRequested);
  if (!records) {
    return fail(records.error());
  }
  for (const FoundRecord& record : *records) {
    if (const auto asked = event_of<approval::Requested>(record, approval)) {
      return asked->binding.digest;
    }
  }
  return std::string();
}

std::string words_of(const ApprovalStory::Decision& one) {
  return shown_text(one.by.person) + " (" + shown_text(one.by.role) + "), " +
         shown_time(one.by.at) +
         (one.is_changed ? ", with arguments that a person changed" : std::string()) + " (record " +
         one.record.text() + ")";
}

}  // namespace

Result<ApprovalStory> approval_story(Context& context, const std::string& root,
                                     const Uuid& approval) {
  const Result<std::string> asked = asked_digest(context, root, approval);
  const Result<std::vector<FoundRecord>> records =
      asked ? records_of(context, root, kinds::kApprovalDecided)
            : Result<std::vector<FoundRecord>>(fail(asked.error()));
  if (!records) {
    return fail(records.error());
  }
  ApprovalStory out;
  out.approval = approval;
  for (const FoundRecord& record : *records) {  // newest first
    const auto decided = event_of<approval::Decided>(record, approval);
    const bool agrees =
        decided && !decided->by.by_rule && decided->by.decision == approval::Decision::kApprove;
    if (agrees && !out.agreed.empty() && !same_grant(out.agreed.front().by, decided->by)) {
      break;  // what was approved before it counts no more
    }
    if (agrees) {
      const bool is_changed = !asked->empty() && decided->by.executed != *asked;
      out.agreed.push_back({decided->by, is_changed, record.row.id});
    }
  }
  std::reverse(out.agreed.begin(), out.agreed.end());
  return out;
}

std::string story_lines(const ApprovalStory& story) {
  std::string out = labelled("approval", story.approval.text());
  if (story.agreed.empty()) {
    out += labelled("approved by", "the records of who decided are not here");
  }
  for (const ApprovalStory::Decision& one : story.agreed) {
    out += labelled("approved by", words_of(one));
  }
  return out;
}

json::Object story_json(const ApprovalStory& story) {
  json::Object out{{"id", story.approval.text()}};
  json::Array by;
  for (const ApprovalStory::Decision& one : story.agreed) {
    by.push_back(json::Object{{"operator", one.by.person},
                              {"role", one.by.role},
                              {"at", one.by.at},
                              {"changed", one.is_changed},
                              {"record", one.record.text()}});
  }
  out["by"] = std::move(by);
  return out;
}

std::optional<Uuid> approval_of_call(std::string_view kind, const json::Object& body) {
  const json::Value whole(body);
  if (!spends_approval(kind, whole)) {
    return std::nullopt;
  }
  const auto id = json::find_string(whole, {names::kBodyApproval, "id"});
  const Result<Uuid> parsed =
      id ? Uuid::parse(std::string(*id)) : Result<Uuid>(fail(Code::kNotFound, ""));
  return parsed ? std::optional<Uuid>(*parsed) : std::nullopt;
}

}  // namespace pawl
