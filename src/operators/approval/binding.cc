#include "operators/approval/binding.h"

#include "base/encoding.h"
#include "base/utf8.h"
#include "foundation/crypto/sha256.h"
#include "operators/approval/members.h"

namespace pawl::approval {
namespace {

Status check_text(std::string_view member, const std::string& text, bool may_be_empty) {
  if ((text.empty() && !may_be_empty) || text.size() > kMaxBindingText || !is_utf8(text)) {
    return fail(Code::kInvalidParams, "binding: " + std::string(member) + " has " +
                                          (may_be_empty ? "0" : "1") + " to 2048 bytes of UTF-8");
  }
  return {};
}

}  // namespace

bool is_digest(std::string_view text) {
  if (text.size() != kDigestText) {
    return false;
  }
  const Result<std::string> bytes = base64url_decode(text);
  return bytes && bytes->size() == Digest().size();
}

Status check_binding(const Binding& binding) {
  const struct {
    std::string_view member;
    const std::string& text;
    bool may_be_empty;
  } texts[] = {
      {"agent", binding.agent, false},   {"on_behalf_of", binding.on_behalf_of, true},
      {"server", binding.server, false}, {"verb", binding.verb, false},
      {"name", binding.name, true},      {"policy", binding.policy, false},
  };
  for (const auto& one : texts) {
    if (Status status = check_text(one.member, one.text, one.may_be_empty); !status) {
      return status;
    }
  }
  if (!is_digest(binding.digest)) {
    return fail(Code::kInvalidParams, "binding: digest is no SHA-256 in base64url");
  }
  if (json::canonical(json::Value(print_binding(binding))).size() > kMaxBindingBytes) {
    return fail(Code::kInvalidParams, "binding: longer than 1536 bytes");
  }
  return {};
}

json::Object print_binding(const Binding& binding) {
  json::Object out{{"agent", binding.agent},   {"on_behalf_of", binding.on_behalf_of},
                   {"server", binding.server}, {"verb", binding.verb},
                   {"name", binding.name},     {"digest", binding.digest},
                   {"policy", binding.policy}};
  if (binding.workflow) {
    out["workflow"] = binding.workflow->text();
  }
  if (!binding.token.empty()) {
    out["token"] = binding.token;
  }
  return out;
}

Result<Binding> read_binding(const json::Value& value) {
  Members members(value, "binding");
  Binding out{members.text("agent"),  members.text("on_behalf_of"),   members.text("server"),
              members.text("verb"),   members.text("name"),           members.text("digest"),
              members.text("policy"), members.optional_id("workflow")};
  if (members.has("token")) {
    out.token = members.text("token");
    if (!is_digest(out.token)) {
      return fail(Code::kMalformed, "binding: token is no SHA-256 in base64url");
    }
  }
  Status status = members.end();
  if (status) {
    status = check_binding(out);
  }
  return status ? Result<Binding>(std::move(out)) : fail(Code::kMalformed, status.error().message);
}

std::string binding_digest(const Binding& binding) {
  return digest_text(sha256(json::canonical(json::Value(print_binding(binding)))));
}

}  // namespace pawl::approval
