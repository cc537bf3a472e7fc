#include "app/api/statement_body.h"

#include "base/json.h"

namespace pawl {

Result<std::string> statement_in(std::string_view body, std::size_t most) {
  constexpr std::size_t kAround = 1024;  // white space, and the member's name
  const Result<json::Parsed> parsed =
      json::parse(body, {.max_bytes = most + kAround, .max_depth = 1});
  if (!parsed) {
    return fail(parsed.error());
  }
  const json::Object* object = parsed->value.if_object();
  const auto statement = json::find_string(parsed->value, {"statement"});
  if (!statement || object->size() != 1) {
    return fail(Code::kInvalidParams, "expected {\"statement\": ...} and no other member");
  }
  if (statement->size() > most) {
    return fail(Code::kTooLarge, "the statement has more than " + std::to_string(most) + " bytes");
  }
  return std::string(*statement);
}

}  // namespace pawl
