#include "operators/override/revocation.h"

#include <algorithm>

#include "path/proof_names.h"

namespace pawl::override_ {
namespace {

constexpr std::string_view kExpected =
    "expected agent:ID, user:ID, key:KID, certificate:THUMBPRINT or token:ISSUER#ID";
constexpr std::size_t kThumbprintChars = 43;  // a SHA-256, base64url

// What JSON would escape could outgrow a slot of the journal.
bool is_unfit(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '"' || c == '\\';
}

bool is_base64url(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(Code::kInvalidParams, "\"" + std::string(text) + "\": " + std::string(why));
}

std::string named(std::string_view kind, std::string_view value) {
  return std::string(kind).append(":").append(value);
}

// What can never cover anything is refused: whoever asked believes that something was revoked.
std::string_view why_not(std::string_view kind, std::string_view value) {
  if (kind == "agent") {
    return is_agent_id(value)
               ? ""
               : "an agent's id is 1 to 128 of A-Z a-z 0-9 . _ -; there are no patterns";
  }
  if (kind == "certificate") {
    return value.size() == kThumbprintChars && is_base64url(value)
               ? ""
               : "a certificate is named by the SHA-256 of its DER form, 43 characters of "
                 "base64url";
  }
  if (kind == "token") {
    const std::size_t mark = value.rfind('#');
    return mark != value.npos && mark > 0 && mark + 1 < value.size()
               ? ""
               : "a token is named ISSUER#ID, its iss and its jti";
  }
  return kind == "user" || kind == "key" ? "" : kExpected;
}

}  // namespace

Result<std::string> parse_target(std::string_view text) {
  if (text.size() > kMaxTargetBytes || std::any_of(text.begin(), text.end(), is_unfit)) {
    return fail(Code::kInvalidParams,
                "what is revoked: over 256 bytes, or with a quote, a backslash or a control "
                "character; of a token with longer names, revoke the key");
  }
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon + 1 == text.size()) {
    return refuse(text, kExpected);
  }
  const std::string_view kind = text.substr(0, colon), value = text.substr(colon + 1);
  if (const std::string_view why = why_not(kind, value); !why.empty()) {
    return refuse(text, why);
  }
  const std::size_t mark = value.rfind('#');
  return kind == "token" ? token_name(value.substr(0, mark), value.substr(mark + 1))
                         : std::string(text);
}

bool may_be_lifted(std::string_view target) {
  return target.starts_with("agent:") || target.starts_with("user:");
}

json::Object print_revocation(const Revocation& revocation) {
  json::Object out;
  out["id"] = revocation.id.text();
  out["target"] = revocation.target;
  out["reason"] = revocation.reason;
  out["by"] = revocation.by;
  out["at"] = revocation.at.us;
  if (revocation.since_s) {
    out["since"] = *revocation.since_s;
  }
  return out;
}

Result<Revocation> read_revocation(const json::Value& value) {
  const Result<Uuid> id = Uuid::parse(json::find_string(value, {"id"}).value_or(""));
  const json::Value* at = json::find(value, {"at"});
  const json::Value* since = json::find(value, {"since"});
  if (!id || at == nullptr || !at->is_int64() || (since != nullptr && !since->is_int64())) {
    return fail(Code::kMalformed, "revocation: expected id, target and at");
  }
  Result<std::string> target = parse_target(json::find_string(value, {"target"}).value_or(""));
  if (!target) {
    return fail(Code::kMalformed, "revocation: " + target.error().message);
  }
  return Revocation{*id,
                    *std::move(target),
                    std::string(json::find_string(value, {"reason"}).value_or("")),
                    std::string(json::find_string(value, {"by"}).value_or("")),
                    WallTime{at->get_int64()},
                    since != nullptr ? std::optional(since->get_int64()) : std::nullopt};
}

const Revocation* RevokedSet::of_target(std::string_view target) const {
  const auto found = by_target_.find(target);
  return found == by_target_.end() ? nullptr : &found->second.front();
}

const Revocation* RevokedSet::first_of(const std::vector<std::string>& targets) const {
  for (const std::string& target : targets) {
    if (const Revocation* found = of_target(target)) {
      return found;
    }
  }
  return nullptr;
}

const Revocation* RevokedSet::covering(const Caller& caller) const {
  if (by_target_.empty()) {
    return nullptr;
  }
  const Revocation* found = of_target(named("agent", caller.agent));
  if (found == nullptr && !caller.on_behalf_of.empty()) {
    found = of_target(named("user", caller.on_behalf_of));
  }
  return found == nullptr && caller.proven_by != nullptr ? first_of(*caller.proven_by) : found;
}

const Revocation* RevokedSet::covering(const Action& action) const {
  if (by_target_.empty()) {
    return nullptr;
  }
  const Revocation* found = covering(action.caller);
  return found == nullptr ? first_of(action.presented_names) : found;
}

const Revocation* RevokedSet::find(const Uuid& id) const {
  const auto known = ids_.find(id);
  if (known == ids_.end()) {
    return nullptr;
  }
  const std::vector<Revocation>& list = by_target_.find(known->second)->second;
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Revocation& one) { return one.id == id; });
  return &*found;
}

std::vector<Revocation> RevokedSet::all() const {
  std::vector<Revocation> out;
  out.reserve(ids_.size());
  for (const auto& [target, list] : by_target_) {
    out.insert(out.end(), list.begin(), list.end());
  }
  std::sort(out.begin(), out.end(), [](const Revocation& a, const Revocation& b) {
    return a.at != b.at ? a.at < b.at : a.id < b.id;
  });
  return out;
}

void RevokedSet::apply(Revocation revocation) {
  if (ids_.emplace(revocation.id, revocation.target).second) {
    by_target_[revocation.target].push_back(std::move(revocation));
  }
}

bool RevokedSet::lift(const Uuid& id) {
  const auto known = ids_.find(id);
  if (known == ids_.end()) {
    return false;
  }
  const auto list = by_target_.find(known->second);
  std::erase_if(list->second, [&](const Revocation& one) { return one.id == id; });
  if (list->second.empty()) {
    by_target_.erase(list);
  }
  ids_.erase(known);
  return true;
}

}  // namespace pawl::override_
