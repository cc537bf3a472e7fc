#include "gateway/decisions.h"

#include <algorithm>

#include "base/encoding.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxLifted = 1024;

// The payload of a compact token that the ledger holds; its signature was checked when it was
// written and is checked by `pawl verify`.
Result<json::Parsed> payload_of(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) {
    return fail(Code::kMalformed, "not a compact token");
  }
  const Result<std::string> text =
      base64url_decode(token.substr(first + 1, second - first - 1));
  if (!text) {
    return fail(text.error());
  }
  return json::parse(*text);
}

std::string member_of(std::string_view area) {
  return std::string(names::kExtPrefix) + std::string(area);
}

}  // namespace

void Decisions::apply(std::string_view token) {
  const Result<json::Parsed> payload = payload_of(token);
  if (!payload) {
    return;
  }
  const json::Value& value = payload->value;
  if (const json::Value* iat = json::find(value, {names::kClaimIat});
      iat != nullptr && iat->is_int64()) {
    last_iat = std::max(last_iat, iat->get_int64());
  }
  const auto profile = json::find_string(value, {names::kClaimEctExt, names::kExtProfile});
  const auto act = json::find_string(value, {names::kClaimExecAct});
  if (profile != names::kProfileUri || !act) {
    return;
  }
  const json::Value* body =
      json::find(value, {names::kClaimEctExt, member_of(kinds::area(*act))});
  if (body == nullptr) {
    return;
  }
  if (*act == kinds::kOverrideApplied) {
    if (const json::Value* stop_text = json::find(*body, {"stop"})) {
      if (Result<override_::Stop> stop = override_::read_stop(*stop_text)) {
        stops.apply_stop(*std::move(stop));
      }
    }
  } else if (*act == kinds::kOverrideLifted) {
    if (const json::Value* list = json::find(*body, {"stops"});
        list != nullptr && list->is_array()) {
      for (const json::Value& id_text : list->get_array()) {
        if (const Result<Uuid> id = Uuid::parse(id_text.is_string() ? std::string_view(id_text.get_string()) : "")) {
          stops.apply_lift(*id);
          lifted.push_back(*id);
        }
      }
      if (lifted.size() > kMaxLifted) {
        lifted.erase(lifted.begin(), lifted.end() - kMaxLifted);
      }
    }
  } else if (*act == kinds::kPolicyActivated) {
    policy_digest = json::find_string(*body, {"digest"}).value_or("");
  }
}

std::string Decisions::print() const {
  json::Object out;
  json::Array stop_list;
  for (const override_::Stop& stop : stops.all()) {
    stop_list.emplace_back(override_::print_stop(stop));
  }
  json::Array lifted_list;
  for (const Uuid& id : lifted) {
    lifted_list.emplace_back(id.text());
  }
  out["stops"] = std::move(stop_list);
  out["lifted"] = std::move(lifted_list);
  out["policy"] = policy_digest;
  out["last_iat"] = last_iat;
  return json::print(out);
}

Result<Decisions> Decisions::read(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text);
  if (!parsed) {
    return fail_at("decisions", parsed.error());
  }
  Decisions out;
  const json::Value* stop_list = json::find(parsed->value, {"stops"});
  const json::Value* lifted_list = json::find(parsed->value, {"lifted"});
  const json::Value* iat = json::find(parsed->value, {"last_iat"});
  if (stop_list == nullptr || !stop_list->is_array() || lifted_list == nullptr ||
      !lifted_list->is_array() || iat == nullptr || !iat->is_int64()) {
    return fail(Code::kMalformed, "decisions: expected stops, lifted and last_iat");
  }
  for (const json::Value& item : stop_list->get_array()) {
    Result<override_::Stop> stop = override_::read_stop(item);
    if (!stop) {
      return fail_at("decisions", stop.error());
    }
    out.stops.apply_stop(*std::move(stop));
  }
  for (const json::Value& item : lifted_list->get_array()) {
    const Result<Uuid> id = Uuid::parse(item.is_string() ? std::string_view(item.get_string()) : "");
    if (!id) {
      return fail_at("decisions", id.error());
    }
    out.lifted.push_back(*id);
  }
  out.policy_digest = json::find_string(parsed->value, {"policy"}).value_or("");
  out.last_iat = iat->get_int64();
  return out;
}

}  // namespace pawl
