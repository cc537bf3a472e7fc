#include "app/commands/held_call.h"

#include "app/commands/id_part.h"
#include "foundation/crypto/sha256.h"
#include "foundation/records/kinds.h"
#include "operators/approval/approval_wire.h"

namespace pawl {
namespace {

std::string taken_text(json::Object& from, std::string_view name) {
  const json::Value* found = from.if_contains(name);
  std::string out(found != nullptr && found->is_string() ? found->get_string() : "");
  from.erase(name);
  return out;
}

std::int64_t taken_number(json::Object& from, std::string_view name) {
  const json::Value* found = from.if_contains(name);
  const std::int64_t out = found != nullptr && found->is_int64() ? found->get_int64() : 0;
  from.erase(name);
  return out;
}

// Which member of the params names what is called; empty: none at their top.
std::string_view naming_member(std::string_view verb) {
  if (verb == kinds::kToolCall || verb == kinds::kPromptGet) {
    return "name";
  }
  return kinds::area(verb) == kinds::area(kinds::kResourceRead) ? "uri" : "";
}

}  // namespace

Result<HeldCall> read_held_call(const json::Value& answer) {
  const json::Object* object = answer.if_object();
  if (object == nullptr) {
    return fail(Code::kMalformed, "the daemon's answer is no approval");
  }
  json::Object rest(*object, {});
  HeldCall out;
  out.needed = taken_number(rest, "needed");
  out.callers = taken_number(rest, "callers");
  out.instance = taken_text(rest, "instance");
  out.problem = taken_text(rest, "arguments_problem");
  const json::Value* params = rest.if_contains("params");
  if (params != nullptr && params->is_string()) {
    out.params = std::string(params->get_string());
  }
  const json::Value* changed = rest.if_contains("changed");
  const auto text = changed != nullptr ? json::find_string(*changed, {"params"}) : std::nullopt;
  if (text) {
    out.changed = std::string(*text);
  }
  out.effect = taken_text(rest, "effect");
  out.obliged = taken_text(rest, "obliged");
  if (const json::Value* usual = rest.if_contains("usual")) {
    out.usual = *usual;
  }
  for (const char* beside : {"params", "changed", "like", "usual", "before"}) {
    rest.erase(beside);
  }
  json::Array one;
  one.emplace_back(std::move(rest));
  const Result<approval::ApprovalState> read = approval::read_approvals(json::Value(one));
  if (!read) {
    return fail(Code::kMalformed, "the daemon's answer: " + read.error().message);
  }
  out.approval = read->all().begin()->second;
  return out;
}

std::string wrong_arguments(const HeldCall& call) {
  if (!call.params) {
    return "its arguments cannot be read" + (call.problem.empty() ? "" : ": " + call.problem);
  }
  const approval::Binding& binding = call.approval.binding;
  if (digest_text(sha256(*call.params)) != binding.digest) {
    return "the daemon shows other arguments than those that the approval is bound to";
  }
  const std::string_view member = naming_member(binding.verb);
  const Result<json::Parsed> parsed = json::parse(*call.params);
  if (!parsed && !call.params->empty()) {
    return "its arguments are no JSON: " + parsed.error().message;
  }
  const auto name =
      parsed && !member.empty() ? json::find_string(parsed->value, {member}) : std::nullopt;
  return !name || *name == binding.name ? ""
                                        : "its arguments are for " + std::string(*name) +
                                              ", and the approval names " + binding.name;
}

Result<Uuid> find_held_call(const std::vector<HeldCall>& calls, const std::string& name) {
  if (const Result<Uuid> whole = Uuid::parse(name)) {
    return *whole;
  }
  const Result<IdPart> part = IdPart::parse(name);
  if (!part) {
    return fail(part.error());
  }
  std::vector<Uuid> ids;
  for (const HeldCall& call : calls) {
    ids.push_back(call.approval.id);
  }
  return only_id(*part, "approval", std::move(ids));
}

}  // namespace pawl
