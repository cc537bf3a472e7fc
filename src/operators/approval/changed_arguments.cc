#include "operators/approval/changed_arguments.h"

#include <string>

#include "base/json_changes.h"

namespace pawl::approval {
namespace {

// The asked text with these arguments: byte for byte what `changed` has to be. Where there were
// none, they may stand anywhere.
bool is_same_but_for_arguments(std::string_view asked, std::string_view changed) {
  const auto before = json::member(asked, json::whole(asked), kArguments);
  const auto after = json::member(changed, json::whole(changed), kArguments);
  if (before && after) {
    return json::replaced(asked, *before, after->of(changed)) == changed;
  }
  return json::without_member(changed, json::whole(changed), kArguments) == asked;
}

tl::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::kInvalidParams, "approval: changed arguments: " + std::string(why));
}

}  // namespace

Status differ_in_arguments(std::string_view asked, std::string_view changed) {
  const Result<json::Parsed> before = json::parse(asked);
  const Result<json::Parsed> after = json::parse(changed);
  if (!after) {
    return refuse(after.error().message);
  }
  if (!before || !before->value.is_object() || !after->value.is_object()) {
    return refuse("expected params that are a JSON object");
  }
  const json::Value* arguments = json::find(after->value, {kArguments});
  if (arguments == nullptr || !arguments->is_object()) {
    return refuse("expected an object `arguments`");
  }
  if (!is_same_but_for_arguments(asked, changed)) {
    return refuse("only `arguments` may be others; every other byte of the params stays");
  }
  return {};
}

json::Object print_change(std::string_view asked, std::string_view changed) {
  json::Object out;
  out["params"] = changed;
  json::Array& differs = out["differs"].emplace_array();
  const Result<json::Parsed> before = json::parse(asked);
  const Result<json::Parsed> after = json::parse(changed);
  if (!before || !after) {
    return out;
  }
  for (const json::Change& one : json::changes(before->value, after->value, kMostPlaces)) {
    json::Object place;
    place["pointer"] = one.pointer;
    if (one.from != nullptr) {
      place["from"] = json::print(*one.from);
    }
    if (one.to != nullptr) {
      place["to"] = json::print(*one.to);
    }
    differs.emplace_back(std::move(place));
  }
  return out;
}

}  // namespace pawl::approval
