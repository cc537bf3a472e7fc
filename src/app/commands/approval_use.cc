#include "app/commands/approval_use.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "foundation/crypto/bounded_name.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"
#include "foundation/vault/person.h"
#include "gateway/folded_record.h"

namespace pawl {
namespace {

std::string_view text_in(const json::Value& value, std::string_view name) {
  return json::find_string(value, {name}).value_or("");
}

// As a record has a name that may be long.
bool is_named(std::string_view recorded, const std::string& name) {
  return recorded == name || recorded == bounded_name(name);
}

std::string_view verb_of(const FoldedRecord& record) {
  const std::string_view verb = text_in(record.body, "verb");
  return verb.empty() ? record.kind : verb;
}

// A crash leaves a record with what the intent had.
bool is_of_a_crash(const FoldedRecord& record) {
  return text_in(record.body, "status") == "crash" && text_in(record.body, "outcome") == "unknown";
}

void compare_names(const FoldedRecord& record, const approval::Binding& binding, bool is_cut,
                   UseComparison& out) {
  const std::string_view tool = text_in(record.body, "tool");
  const struct {
    std::string_view what, recorded;
    const std::string& bound;
  } members[] = {{"agent", text_in(record.body, "agent"), binding.agent},
                 {"server", text_in(record.body, "server"), binding.server},
                 {"verb", verb_of(record), binding.verb},
                 {"name", tool.empty() ? text_in(record.body, "resource") : tool, binding.name}};
  out.names = true;
  for (const auto& member : members) {
    const bool is_missing = is_cut && (member.recorded.empty() || member.what == "verb");
    out.names = out.names && !is_missing;
    if (!is_missing && out.wrong.empty() && !is_named(member.recorded, member.bound)) {
      out.wrong = member.what;
    }
  }
}

void compare_people(const FoldedRecord& record, const approval::Binding& binding, bool is_cut,
                    UseComparison& out) {
  const std::string_view recorded = text_in(record.body, "on_behalf_of");
  const auto is_pseudonym = [](std::string_view name) {
    return name.starts_with(vault::kPseudonymPrefix);
  };
  // Another pseudonym may be of the same person, whose key was destroyed meanwhile.
  const bool is_hidden = recorded != binding.on_behalf_of && !recorded.empty() &&
                         (is_pseudonym(recorded) || is_pseudonym(binding.on_behalf_of));
  const bool is_missing = recorded.empty() && (is_cut || is_of_a_crash(record));
  if (is_hidden || (is_missing && !binding.on_behalf_of.empty())) {
    return;
  }
  out.people = true;
  if (out.wrong.empty() && !is_named(recorded, binding.on_behalf_of)) {
    out.wrong = "on_behalf_of";
  }
}

}  // namespace

bool spends_approval(std::string_view kind, const json::Value& body) {
  if (kinds::area(kind) == kinds::area(kinds::kApprovalRequested)) {
    return false;
  }
  const json::Value* use = json::find(body, {names::kBodyApproval});
  return use != nullptr && use->is_object();
}

std::string wrong_about(const FoldedRecord& record, const approval::Approval& approval) {
  const approval::Binding& binding = approval.binding;
  const std::pair<std::string_view, const std::string&> members[] = {{"agent", binding.agent},
                                                                     {"server", binding.server},
                                                                     {"tool", binding.name},
                                                                     {"resource", binding.name}};
  for (const auto& [name, bound] : members) {
    const std::string_view recorded = text_in(record.body, name);
    if (!recorded.empty() && !is_named(recorded, bound)) {
      return std::string(name);
    }
  }
  const std::vector<Uuid> causes = ids_in(record.parents);
  const bool is_tied = causes.empty() || approval.record.is_nil() ||
                       (causes.size() == 1 && causes.front() == approval.record);
  if (!is_tied) {
    return "pred";
  }
  const Result<Uuid> wid = Uuid::parse(text_in(record.claims, names::kClaimWid));
  return !wid || (approval.workflow && *wid == *approval.workflow) ? "" : "wid";
}

UseComparison compare_use(const FoldedRecord& record, const approval::Approval& approval) {
  UseComparison out;
  const bool is_cut = stands_out_of_line(record.typ, record.claims, kinds::area(record.kind));
  compare_names(record, approval.binding, is_cut, out);
  compare_people(record, approval.binding, is_cut, out);
  const std::string_view digest = text_in(record.claims, names::kClaimInpHash);
  const bool is_salted =
      in_extension(record.typ, record.claims, {names::kExtSalted}) != nullptr && digest.empty();
  out.arguments = !is_salted;
  if (out.wrong.empty() && !is_salted && digest != approval.executed) {
    out.wrong = "inp_hash";
  }
  const std::string workflow = approval.binding.workflow ? approval.binding.workflow->text() : "";
  const std::string_view token =
      json::find_string(record.body, {names::kBodyAcp, "digest"}).value_or("");
  if (out.wrong.empty() && !is_cut && token != approval.binding.token) {
    out.wrong = "token";
  }
  const Result<Uuid> wid = Uuid::parse(text_in(record.claims, names::kClaimWid));
  if (out.wrong.empty() && !workflow.empty() && (!wid || wid->text() != workflow)) {
    out.wrong = "wid";
  }
  return out;
}

}  // namespace pawl
