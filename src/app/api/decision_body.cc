#include "app/api/decision_body.h"

#include "base/json.h"

namespace pawl {

Result<DecisionBody> decision_in(std::string_view body, std::size_t most_statement) {
  constexpr std::size_t kAround = 1024;  // white space, and the members' names
  // Params are a text within a text: each of its quotes and line ends has an escape.
  const std::size_t most = most_statement + 2 * kMaxChangedParams + kAround;
  const Result<json::Parsed> parsed = json::parse(body, {.max_bytes = most, .max_depth = 1});
  if (!parsed) {
    return fail(parsed.error());
  }
  const json::Object* object = parsed->value.if_object();
  const auto statement = json::find_string(parsed->value, {"statement"});
  const auto params = json::find_string(parsed->value, {"params"});
  if (!statement || object->size() != (params ? 2u : 1u)) {
    return fail(Code::kInvalidParams,
                "expected {\"statement\": ...}, with \"params\" (a text) or without, and no other "
                "member");
  }
  if (statement->size() > most_statement) {
    return fail(Code::kTooLarge,
                "the statement has more than " + std::to_string(most_statement) + " bytes");
  }
  if (params && params->size() > kMaxChangedParams) {
    return fail(Code::kTooLarge, "the params have more than 1 MiB");
  }
  return DecisionBody{std::string(*statement), std::string(params.value_or(""))};
}

}  // namespace pawl
