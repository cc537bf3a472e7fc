#include "gateway/recovery.h"

#include <memory>

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

std::string text_of(const json::Value& body, std::string_view name) {
  return std::string(json::find_string(body, {name}).value_or(""));
}

std::string text_of(const json::Value& body, std::string_view outer, std::string_view name) {
  return std::string(json::find_string(body, {outer, name}).value_or(""));
}

Basis parse_basis(std::string_view name) {
  for (const Basis basis : {Basis::kDeclared, Basis::kTraced, Basis::kData, Basis::kResource}) {
    if (basis_name(basis) == name) {
      return basis;
    }
  }
  return Basis::kInferred;
}

std::vector<Cause> causes_of(const json::Value& body) {
  std::vector<Cause> out;
  const json::Value* parents = json::find(body, {"pred"});
  const json::Value* basis = json::find(body, {"basis"});
  if (parents == nullptr || !parents->is_array() || basis == nullptr || !basis->is_array()) {
    return out;
  }
  for (std::size_t i = 0; i < parents->get_array().size(); ++i) {
    const json::Value& parent = parents->get_array()[i];
    const Result<Uuid> id =
        Uuid::parse(parent.is_string() ? std::string_view(parent.get_string()) : "");
    const bool named = i < basis->get_array().size() && basis->get_array()[i].is_string();
    if (id) {
      out.push_back({*id, named ? parse_basis(std::string_view(basis->get_array()[i].get_string()))
                                : Basis::kInferred});
    }
  }
  return out;
}

// An intent's body was written by us and is covered by the frame's checksum; one that cannot be
// read still becomes a record, with its id alone.
RecordDraft unknown_record(const ledger::Intent& intent, bool durable) {
  RecordDraft draft;
  draft.id = intent.id;
  draft.closes_intent = durable;
  draft.kind = kinds::kToolCall;
  draft.put_outcome(Outcome::kUnknown);
  draft.body.text("status", "crash");
  draft.body.flag("intent", durable);
  const Result<json::Parsed> parsed = json::parse(intent.body);
  if (!parsed) {
    return draft;
  }
  const json::Value& body = parsed->value;
  if (const std::string_view kind = kinds::canonical(text_of(body, "verb")); !kind.empty()) {
    draft.kind = kind;
  }
  if (const Result<Uuid> workflow = Uuid::parse(text_of(body, "wid"))) {
    draft.workflow = *workflow;
  }
  draft.causes = causes_of(body);
  draft.agent = text_of(body, "agent");
  draft.inp_hash = text_of(body, "inp_hash");
  draft.salted_input = {text_of(body, names::kIntentSalted, names::kSaltedKey),
                        text_of(body, names::kIntentSalted, names::kSaltedInp)};
  draft.pol = "recovery";
  draft.pol_decision = names::kPolApproved;
  for (const std::string_view name : {"agent", "server", "tool", "resource", "method", "policy"}) {
    if (const std::string text = text_of(body, name); !text.empty()) {
      draft.body.text(name, text);
    }
  }
  if (const json::Value* approval = json::find(body, {names::kBodyApproval})) {
    draft.put_approval(json::print(*approval));
  }
  if (const json::Value* node = json::find(body, {names::kBodyAcp})) {
    draft.put_policy_use(json::print(*node), true);
  }
  return draft;
}

}  // namespace

void record_unknowns(Recorder& recorder, const std::vector<ledger::Intent>& intents,
                     const std::vector<ledger::Intent>& notes,
                     std::function<void(Result<std::size_t>)> done) {
  if (intents.empty() && notes.empty()) {
    done(std::size_t{0});
    return;
  }
  struct Progress {
    std::size_t left = 0;
    std::size_t total = 0;
    std::optional<Error> failed;
    std::function<void(Result<std::size_t>)> done;
  };
  auto progress = std::make_shared<Progress>();
  progress->left = progress->total = intents.size() + notes.size();
  progress->done = std::move(done);
  const Recorder::Done one_done = [progress](const Result<RecordRef>& record) {
    if (!record) {
      progress->failed = record.error();
    }
    if (--progress->left == 0) {
      progress->done(progress->failed ? Result<std::size_t>(fail(*progress->failed))
                                      : Result<std::size_t>(progress->total));
    }
  };
  for (const ledger::Intent& intent : intents) {
    recorder.record(unknown_record(intent, true), one_done);
  }
  for (const ledger::Intent& note : notes) {
    recorder.record(unknown_record(note, false), one_done);
  }
}

}  // namespace pawl
