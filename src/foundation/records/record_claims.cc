#include "foundation/records/record_claims.h"

#include "foundation/records/names.h"

namespace pawl {
namespace {

const json::Value* of_two_names(std::string_view typ, const json::Value& payload,
                                std::string_view name01, std::string_view name00) {
  const json::Value* new_form = json::find(payload, {name01});
  return new_form != nullptr || typ != names::kTypEct00 ? new_form : json::find(payload, {name00});
}

}  // namespace

const json::Value* record_parents(std::string_view typ, const json::Value& payload) {
  return of_two_names(typ, payload, names::kClaimPred, names::kClaimPar);
}

const json::Value* record_extension(std::string_view typ, const json::Value& payload) {
  return of_two_names(typ, payload, names::kClaimEctExt, names::kClaimExt);
}

const json::Value* in_extension(std::string_view typ, const json::Value& payload,
                                std::initializer_list<std::string_view> path) {
  const json::Value* extension = record_extension(typ, payload);
  return extension != nullptr ? json::find(*extension, path) : nullptr;
}

bool stands_out_of_line(std::string_view typ, const json::Value& payload, std::string_view area) {
  const std::string body = std::string(names::kExtPrefix).append(area);
  const json::Value* salted = in_extension(typ, payload, {names::kExtSalted});
  const bool is_left_out = salted != nullptr && salted->is_object() && salted->get_object().empty();
  return is_left_out || in_extension(typ, payload, {body, names::kExtBodyHash}) != nullptr ||
         in_extension(typ, payload, {names::kExtSalted, names::kSaltedBody}) != nullptr;
}

std::optional<std::string_view> text_in_extension(std::string_view typ, const json::Value& payload,
                                                  std::initializer_list<std::string_view> path) {
  const json::Value* extension = record_extension(typ, payload);
  return extension != nullptr ? json::find_string(*extension, path) : std::nullopt;
}

}  // namespace pawl
