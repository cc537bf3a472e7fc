#include "foundation/ect/ect_cbor_ext.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "foundation/jose/token_refusal.h"
#include "foundation/records/cbor_names.h"
#include "foundation/records/names.h"

namespace pawl::ect {
namespace {

using jose::refuse;

// By their numbers in CBOR.
constexpr std::array kDecisions = {names::kPolApproved, names::kPolRejected, names::kPolPending};
constexpr double kExactIntegers = 9007199254740992;  // 2^53

cbor::Value cbor_of(const json::Value& value);

cbor::Value cbor_of(double number) {
  const bool whole = std::trunc(number) == number && std::fabs(number) <= kExactIntegers;
  return whole ? cbor::Value{static_cast<std::int64_t>(number)} : cbor::Value{number};
}

cbor::Map cbor_of(const json::Object& object) {
  cbor::Map out;
  for (const auto& member : object) {
    out.push_back({cbor::Value{std::string(member.key())}, cbor_of(member.value())});
  }
  return out;
}

cbor::Value cbor_of(const json::Value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      return {cbor::Null{}};
    case boost::json::kind::bool_:
      return {value.get_bool()};
    case boost::json::kind::int64:
      return {value.get_int64()};
    case boost::json::kind::uint64:
      return cbor::integer(value.get_uint64());
    case boost::json::kind::double_:
      return cbor_of(value.get_double());
    case boost::json::kind::string:
      return {std::string(value.get_string())};
    case boost::json::kind::object:
      return {cbor_of(value.get_object())};
    case boost::json::kind::array:
      break;
  }
  cbor::Array out;
  for (const json::Value& element : value.get_array()) {
    out.push_back(cbor_of(element));
  }
  return {std::move(out)};
}

Result<json::Object> object_of(const cbor::Map& map);

struct ToJson {
  Result<json::Value> operator()(const cbor::Null&) const { return json::Value(nullptr); }
  Result<json::Value> operator()(const cbor::Bytes&) const {
    return refuse("bad_ext: a byte string has no JSON form");
  }
  Result<json::Value> operator()(const cbor::Array& array) const {
    json::Array out;
    for (const cbor::Value& element : array) {
      Result<json::Value> one = std::visit(*this, element.data);
      if (!one) {
        return one;
      }
      out.push_back(*std::move(one));
    }
    return json::Value(std::move(out));
  }
  Result<json::Value> operator()(const cbor::Map& map) const {
    Result<json::Object> out = object_of(map);
    return out ? Result<json::Value>(json::Value(*std::move(out))) : fail(out.error());
  }
  template <class Plain>  // bool, integers, double, text
  Result<json::Value> operator()(const Plain& plain) const {
    return json::Value(plain);
  }
};

Result<json::Object> object_of(const cbor::Map& map) {
  json::Object out;
  for (const cbor::Member& member : map) {
    const std::string* name = member.key.get<std::string>();
    if (name == nullptr) {
      return refuse("bad_ext: a member's name must be a text");
    }
    Result<json::Value> value = std::visit(ToJson{}, member.value.data);
    if (!value) {
      return fail(value.error());
    }
    out.emplace(*name, *std::move(value));
  }
  return out;
}

std::optional<std::int64_t> number_of_decision(const json::Object& ext) {
  const json::Value* decision = ext.if_contains(names::kExtPolDecision);
  if (decision == nullptr || !decision->is_string()) {
    return std::nullopt;
  }
  const auto* at = std::find(kDecisions.begin(), kDecisions.end(), decision->get_string());
  return at == kDecisions.end() ? std::nullopt : std::optional(at - kDecisions.begin());
}

// Moves a member to a key of its own when it has the form that the key is for.
void move_member(json::Object& rest, std::string_view name, std::int64_t key, bool fits,
                 cbor::Map& claims) {
  if (const json::Value* value = rest.if_contains(name); value != nullptr && fits) {
    claims.push_back({cbor::Value{key}, cbor_of(*value)});
    rest.erase(name);
  }
}

bool is_text(const json::Object& ext, std::string_view name) {
  const json::Value* value = ext.if_contains(name);
  return value != nullptr && value->is_string();
}

Result<json::Value> decision_of(const cbor::Value& value) {
  const std::int64_t* number = value.get<std::int64_t>();
  if (number == nullptr || *number < 0 || *number >= std::ssize(kDecisions)) {
    return refuse("bad_policy: pol_decision must be 0, 1 or 2");
  }
  return json::Value(kDecisions[static_cast<std::size_t>(*number)]);
}

}  // namespace

void append_cbor_ext(const json::Object& ext, cbor::Map& claims) {
  json::Object rest = ext;
  // A decision without a number keeps the pair together under the texts' names.
  if (const auto decision = number_of_decision(ext); decision && is_text(ext, names::kExtPol)) {
    claims.push_back({cbor::Value{names::kCborPolDecision}, cbor::Value{*decision}});
    rest.erase(names::kExtPolDecision);
    move_member(rest, names::kExtPol, names::kCborPol, true, claims);
  }
  move_member(rest, names::kExtPolEnforcer, names::kCborPolEnforcer,
              is_text(ext, names::kExtPolEnforcer), claims);
  const json::Value* time = ext.if_contains(names::kExtPolTimestamp);
  move_member(rest, names::kExtPolTimestamp, names::kCborPolTimestamp,
              time != nullptr && time->is_int64(), claims);
  if (!rest.empty()) {
    claims.push_back({cbor::Value{names::kCborExt}, cbor::Value{cbor_of(rest)}});
  }
}

Result<json::Object> read_cbor_ext(const cbor::Map& claims) {
  json::Object out;
  if (const cbor::Value* ext = cbor::find(claims, names::kCborExt)) {
    const cbor::Map* map = ext->get<cbor::Map>();
    Result<json::Object> rest =
        map != nullptr ? object_of(*map) : Result<json::Object>(refuse("bad_ext: expected a map"));
    if (!rest) {
      return rest;
    }
    out = *std::move(rest);
  }
  constexpr std::pair<std::int64_t, std::string_view> kOwn[] = {
      {names::kCborPol, names::kExtPol},
      {names::kCborPolDecision, names::kExtPolDecision},
      {names::kCborPolEnforcer, names::kExtPolEnforcer},
      {names::kCborPolTimestamp, names::kExtPolTimestamp}};
  for (const auto& [key, name] : kOwn) {
    const cbor::Value* value = cbor::find(claims, key);
    if (value == nullptr) {
      continue;
    }
    Result<json::Value> one =
        key == names::kCborPolDecision ? decision_of(*value) : std::visit(ToJson{}, value->data);
    if (!one) {
      return fail(one.error());
    }
    if (!out.emplace(name, *std::move(one)).second) {
      return refuse("ambiguous: " + std::string(name) + " stands in the extension, too");
    }
  }
  return out;
}

}  // namespace pawl::ect
