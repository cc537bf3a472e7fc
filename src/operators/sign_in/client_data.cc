#include "operators/sign_in/client_data.h"

#include "base/json.h"
#include "operators/sign_in/webauthn.h"
#include "path/plugged.h"

namespace pawl::sign_in {
namespace {

constexpr json::Limits kLimits{
    .max_bytes = kMaxClientData, .max_depth = 4, .max_members = 64, .max_object_members = 32};

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::kTokenInvalid, "passkey: client data: " + std::string(why));
}

// A page in a frame of another page may not ask, nor may one that does not say so.
bool is_of_another_page(const json::Value& data) {
  const json::Value* crossed = json::find(data, {"crossOrigin"});
  return json::find(data, {"topOrigin"}) != nullptr ||
         (crossed != nullptr && (!crossed->is_bool() || crossed->get_bool()));
}

}  // namespace

Status check_client_data(std::string_view text, std::string_view type, const Digest& challenge,
                         std::string_view origin) {
  const Result<json::Parsed> parsed = json::parse(text, kLimits);
  if (!parsed) {
    return refuse(parsed.error().message);
  }
  const json::Value& data = parsed->value;
  if (json::find_string(data, {"type"}) != type) {
    return refuse("type is not " + std::string(type));
  }
  const auto said = json::find_string(data, {"challenge"});
  if (!said || !equal_constant_time(*said, digest_text(challenge))) {
    return refuse("challenge is another one");
  }
  if (plugged(ControlId::kPasskeyOrigin) && json::find_string(data, {"origin"}) != origin) {
    return refuse("origin is another one");
  }
  if (plugged(ControlId::kPasskeyOrigin) && is_of_another_page(data)) {
    return refuse("a page within another origin's");
  }
  return {};
}

}  // namespace pawl::sign_in
