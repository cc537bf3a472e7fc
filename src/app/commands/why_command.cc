#include "app/commands/why_command.h"

#include <ostream>

#include "app/commands/approval_story.h"
#include "app/commands/kept_body.h"
#include "app/commands/record_lookup.h"
#include "app/commands/resolutions.h"
#include "app/commands/shown_record.h"
#include "app/commands/shown_text.h"
#include "app/commands/state_words.h"
#include "app/commands/stop_story.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/outcome.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

std::string text_of(const json::Object& body, std::string_view name) {
  const json::Value* value = body.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::vector<std::string> texts_of(const json::Value* list) {
  std::vector<std::string> out;
  if (list != nullptr && list->is_array()) {
    for (const json::Value& item : list->get_array()) {
      out.push_back(item.is_string() ? std::string(item.get_string()) : json::print(item));
    }
  }
  return out;
}

// The rule's place, from the answer of the control that named it: "rules: deny ID (FILE:LINE)".
std::string place_of(const std::vector<std::string>& answers, const std::string& rule) {
  for (const std::string& answer : answers) {
    const std::size_t found = answer.find(" " + rule + " (");
    if (!rule.empty() && found != std::string::npos && answer.ends_with(")")) {
      const std::size_t begin = found + rule.size() + 3;
      return answer.substr(begin, answer.size() - begin - 1);
    }
  }
  return "";
}

struct Told {
  std::optional<ShownResolution> resolved;
  std::string decision;  // "allowed", "refused", "failed before it was forwarded", ...
  std::string rule, place, reason, would, nearest, status, detail, withheld, says;
  std::vector<std::string> answers, parents, basis;
  std::vector<std::string> missing_parents;  // of the tokens that the caller presented
  std::string redacted_by;                   // rules, one after the other
  std::string whole;                         // of a body that did not fit: whether it is at hand
  std::string level;  // the weakest of these, and of what they came from; empty: all recorded
  std::optional<StopStory> stop;  // of the stop that refused it, or that the record is about
  std::optional<Uuid> approval;   // by which it went through
  std::optional<ApprovalStory> approved;
};

std::string decision_of(const FoundRecord& record) {
  const std::optional<Outcome> outcome = parse_outcome(record.row.outcome);
  if (record.row.kind == kinds::kTaskRepeated) {
    return "allowed: a repeat, answered from what is kept; nothing was forwarded";
  }
  if (record.row.outcome.empty()) {
    return "not a call: a record of Pawl's own state";
  }
  if (record.row.outcome == kHeldOutcome) {
    return "held: it waits for people";
  }
  if (outcome == Outcome::kDenied) {
    return "refused";
  }
  return outcome == Outcome::kError ? "failed before anything was forwarded" : "allowed";
}

std::string meaning_of(const std::string& outcome) {
  switch (outcome_shown_as(outcome)) {
    case Outcome::kConfirmed:
      return "the server answered with a result";
    case Outcome::kFailed:
      return "the server answered with an error";
    case Outcome::kDenied:
      return "nothing was forwarded";
    case Outcome::kError:
      return "nothing was forwarded";
    case Outcome::kUnknown:
      return "forwarded, and no answer tells what happened";
  }
  return "";
}

Told told_of(Context& context, const FoundRecord& record) {
  json::Object body = body_of(record);
  Told told;
  told.whole = fill_in(context, record, body);
  told.decision = decision_of(record);
  told.rule = text_in_extension(record.jws.typ, record.jws.payload, {names::kExtPol}).value_or("");
  told.answers = texts_of(body.if_contains("why"));
  told.place = place_of(told.answers, told.rule);
  told.reason = text_of(body, "reason");
  told.would = text_of(body, "would");
  told.nearest = text_of(body, "nearest");
  told.status = text_of(body, "status");
  told.detail = text_of(body, "detail");
  told.withheld = text_of(body, names::kBodyWithheld);
  for (const std::string& rule : texts_of(body.if_contains(names::kBodyRedactedBy))) {
    told.redacted_by.append(told.redacted_by.empty() ? "rule " : ", ").append(rule);
  }
  told.says = state_words(record.row.kind, record.jws);
  told.parents = texts_of(record_parents(record.jws.typ, record.jws.payload));
  told.basis = texts_of(body.if_contains("basis"));
  told.missing_parents = texts_of(body.if_contains("missing_parents"));
  told.level = text_of(body, names::kBodyLevel);
  told.approval = approval_of_call(record.row.kind, body);
  return told;
}

std::string basis_at(const Told& told, std::size_t i) {
  return i < told.basis.size() ? told.basis[i] : "unknown";
}

void tell_decision(std::ostream& out, const FoundRecord& record, const Told& told) {
  out << labelled("call",
                  who_and_where(record.row) + " (" +
                      shown_text(record.row.verb.empty() ? record.row.kind : record.row.verb) +
                      ", " + shown_time(record.row.at) + ")")
      << labelled("decision", told.decision);
  if (!told.says.empty() && !told.stop) {
    out << labelled("says", told.says);
  }
  if (!told.rule.empty()) {
    out << labelled("decided by", shown_text(told.rule) +
                                      (told.place.empty() ? "" : " at " + shown_text(told.place)));
  }
  if (!told.whole.empty()) {
    out << labelled("whole body", shown_text(told.whole));
  }
  if (!told.reason.empty()) {
    out << labelled("reason", shown_text(told.reason));
  }
  if (told.stop) {
    out << story_lines(*told.stop);
  }
  if (told.approved) {
    out << story_lines(*told.approved);
  }
  if (!told.would.empty()) {
    out << labelled("observe mode", "enforced, it would have been: " + shown_text(told.would));
  }
  if (!told.nearest.empty()) {
    out << labelled("nearest rule", shown_text(told.nearest));
  }
  if (told.answers.empty()) {
    out << (record.row.outcome.empty() ? "" : labelled("controls", "the record does not say"));
    return;
  }
  out << "controls, in order\n";
  for (std::size_t i = 0; i < told.answers.size(); ++i) {
    out << "  " << i + 1 << ". " << shown_text(told.answers[i]) << '\n';
  }
}

void tell_people(std::ostream& out, const FoundRecord& record, const Told& told) {
  tell_decision(out, record, told);
  if (!record.row.outcome.empty()) {
    out << labelled("outcome",
                    shown_text(record.row.outcome) + ": " + meaning_of(record.row.outcome) +
                        (told.status.empty() ? "" : " (" + shown_text(told.status) + ")"));
  }
  if (!told.detail.empty()) {
    out << labelled("because", shown_text(told.detail));
  }
  if (!told.withheld.empty()) {
    const bool by_rules = told.withheld == names::kWithheldByRules || told.withheld == "limits";
    out << labelled("withheld",
                    "by " + shown_text(told.withheld) +
                        (by_rules ? ": the answer does not meet what the rules oblige it to"
                                  : ": it took force before the answer came") +
                        ", and the caller was refused it");
  }
  if (!told.redacted_by.empty()) {
    out << labelled("redacted", "by " + shown_text(told.redacted_by) +
                                    ": the caller was given the answer without what they name");
  }
  if (told.resolved) {
    out << labelled("resolved", shown_text(told.resolved->found) + ", says " +
                                    shown_text(told.resolved->by) + ": " +
                                    shown_text(told.resolved->reason) + " (record " +
                                    told.resolved->record + ")");
  }
  if (told.parents.empty()) {
    out << labelled("causes", "none known");
  } else {
    out << "causes\n";
    for (std::size_t i = 0; i < told.parents.size(); ++i) {
      out << "  " << shown_text(told.parents[i]) << " (" << shown_text(basis_at(told, i)) << ")\n";
    }
  }
  for (const std::string& id : told.missing_parents) {
    out << labelled("partial",
                    "the tokens presented name a task that was not at hand: " + shown_text(id));
  }
  if (!told.level.empty()) {
    out << labelled("level", shown_text(told.level) +
                                 ": the weakest of the tokens presented, and of what they came "
                                 "from");
  }
  if (!record.row.workflow.empty()) {
    out << labelled("workflow", record.row.workflow + " (all of it: pawl ledger chain " +
                                    record.row.workflow + ")");
  }
  out << labelled("proof", "entry " + std::to_string(record.row.index) + " of " +
                               (record.row.log > 0
                                    ? "log " + std::to_string(record.row.log) + ", which is frozen"
                                    : "the ledger") +
                               "; pawl ledger prove " + record.row.id.text());
}

void tell_json(std::ostream& out, const FoundRecord& record, const Told& told) {
  json::Object shown = record_json(record.row);
  shown["decision"] = told.decision;
  const std::initializer_list<std::pair<const char*, const std::string&>> texts = {
      {"rule", told.rule},     {"where", told.place},       {"reason", told.reason},
      {"would", told.would},   {"nearest", told.nearest},   {"status", told.status},
      {"detail", told.detail}, {"withheld", told.withheld}, {"says", told.says},
      {"level", told.level},   {"whole_body", told.whole}};
  for (const auto& [name, value] : texts) {
    if (!value.empty()) {
      shown[name] = value;
    }
  }
  if (told.stop) {
    shown["stop"] = story_json(*told.stop);
  }
  if (told.approved) {
    shown["approval"] = story_json(*told.approved);
  }
  if (told.resolved) {
    shown["resolved"] = json::Object{{"found", told.resolved->found},
                                     {"reason", told.resolved->reason},
                                     {"by", told.resolved->by},
                                     {"record", told.resolved->record}};
  }
  shown["controls"] = json::Array(told.answers.begin(), told.answers.end());
  json::Array causes;
  for (std::size_t i = 0; i < told.parents.size(); ++i) {
    causes.push_back(json::Object{{"id", told.parents[i]}, {"basis", basis_at(told, i)}});
  }
  shown["causes"] = std::move(causes);
  if (!told.missing_parents.empty()) {
    shown["graph"] = "partial";
    shown["missing_parents"] =
        json::Array(told.missing_parents.begin(), told.missing_parents.end());
  }
  out << json::print(shown) << '\n';
}

// The id of a stop, as `pawl stop` prints it, stands for the record of that stop.
Result<FoundRecord> record_or_stop(Context& context, const std::string& root,
                                   const std::string& name) {
  Result<FoundRecord> record = find_record(context, root, name);
  if (record || record.error().code != Code::kNotFound) {
    return record;
  }
  const Result<Uuid> id = whole_id(context, root, name);
  if (!id) {
    return record;
  }
  Result<StopStory> story = stop_story(context, root, *id);
  return story && story->applied ? Result<FoundRecord>(*std::move(story->applied)) : record;
}

int why(Context& context, const std::string& name) {
  const Result<DataFolder> folder = data_folder(context);
  const Result<FoundRecord> record =
      folder ? record_or_stop(context, folder->root, name) : fail(folder.error());
  if (!record) {
    return report(context, record.error(),
                  record.error().code == Code::kBadSignature ? kExitBad : kExitUnclear);
  }
  Told told = told_of(context, *record);
  std::optional<Uuid> stop = stop_of_rule(told.rule);
  stop = stop ? stop : stop_of_record(*record);
  if (stop) {
    Result<StopStory> story = stop_story(context, folder->root, *stop);
    if (!story) {
      return report(context, story.error());
    }
    told.stop = *std::move(story);
  }
  if (told.approval) {
    Result<ApprovalStory> story = approval_story(context, folder->root, *told.approval);
    if (!story) {
      return report(context, story.error());
    }
    told.approved = *std::move(story);
  }
  if (record->row.outcome == outcome_name(Outcome::kUnknown)) {
    told.resolved = resolution_of(context, record->row.id);
  }
  (context.io.json ? tell_json : tell_people)(context.io.out, *record, told);
  return kExitGood;
}

}  // namespace

void add_why(CLI::App& root, Context& context) {
  CLI::App* command = add_command(root, "why", "Why a call was allowed or refused",
                                  {"pawl why 0", "pawl why 9a3f04be", "pawl why 0 --json"});
  auto name = std::make_shared<std::string>();
  command
      ->add_option(
          "record", *name,
          "The id that the caller was given, of a stop, or 8 characters of its end; or an index")
      ->type_name("ID|INDEX")
      ->required();
  on_run(*command, context, [&context, name] { return why(context, *name); });
}

}  // namespace pawl
