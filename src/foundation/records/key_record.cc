#include "foundation/records/key_record.h"

#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

using What = KeyRecord::What;

std::optional<What> what_of(std::string_view exec_act) {
  return exec_act == kinds::kLedgerOpened     ? std::optional(What::kOpened)
         : exec_act == kinds::kKeyActivated   ? std::optional(What::kActivated)
         : exec_act == kinds::kKeyRetired     ? std::optional(What::kRetired)
         : exec_act == kinds::kKeyCompromised ? std::optional(What::kCompromised)
                                              : std::nullopt;
}

std::string text_at(const json::Value& body, std::string_view name) {
  return std::string(json::find_string(body, {name}).value_or(""));
}

bool is_kid(const std::string& text) {
  return !text.empty() && text.size() <= kMaxKidBytes;
}

Result<std::optional<KeyRecord>> malformed(std::string what) {
  return fail(Code::kMalformed, "key record: " + std::move(what));
}

Result<std::optional<KeyRecord>> read_compromised(KeyRecord out, const json::Value& body) {
  const json::Value* since = json::find(body, {"since"});
  if (since == nullptr || !since->is_int64() || since->get_int64() < 0) {
    return malformed("since is no time in seconds");
  }
  out.since_s = since->get_int64();
  out.next = text_at(body, "next");
  if (out.next.size() > kMaxKidBytes || out.next == out.kid) {
    return malformed("next is no other key");
  }
  if (out.next.empty() && !out.jwk.empty()) {
    return malformed("it brings a key and does not name it");
  }
  out.reason = text_at(body, "reason");
  out.operator_name = text_at(body, "operator");
  out.operator_kid = text_at(body, "operator_kid");
  out.statement = text_at(body, "statement");
  return out;
}

}  // namespace

Result<std::optional<KeyRecord>> read_key_record(std::string_view exec_act,
                                                 const json::Value& payload) {
  const std::optional<What> what = what_of(exec_act);
  const auto profile = json::find_string(payload, {names::kClaimEctExt, names::kExtProfile});
  if (!what || profile != names::kProfileUri) {
    return std::nullopt;
  }
  const json::Value* found = json::find(
      payload, {names::kClaimEctExt, std::string(names::kExtPrefix).append(kinds::area(exec_act))});
  const json::Value nothing;
  const json::Value& body = found != nullptr ? *found : nothing;
  KeyRecord out;
  out.what = *what;
  out.kid = text_at(body, *what == What::kOpened ? "token_key" : "kid");
  if (*what == What::kOpened && out.kid.empty()) {
    return std::nullopt;
  }
  if (!is_kid(out.kid)) {
    return malformed("it names no key");
  }
  if (const json::Value* jwk = json::find(body, {"jwk"}); jwk != nullptr && jwk->is_object()) {
    out.jwk = json::Object(jwk->get_object(), {});
  }
  if (*what == What::kActivated && out.jwk.empty()) {
    return malformed("it brings no jwk");
  }
  return *what == What::kCompromised ? read_compromised(std::move(out), body)
                                     : Result<std::optional<KeyRecord>>(std::move(out));
}

json::Object print_key_record(const KeyRecord& record) {
  json::Object out{{"kid", record.kid}};
  if (record.what == What::kCompromised) {
    out["since"] = record.since_s;
    if (!record.next.empty()) {
      out["next"] = record.next;
    }
  }
  if (!record.jwk.empty()) {
    out["jwk"] = record.jwk;
  }
  for (const auto& [name, text] :
       {std::pair<std::string_view, const std::string*>{"reason", &record.reason},
        {"operator", &record.operator_name},
        {"operator_kid", &record.operator_kid},
        {"statement", &record.statement}}) {
    if (!text->empty()) {
      out[name] = *text;
    }
  }
  return out;
}

}  // namespace pawl
