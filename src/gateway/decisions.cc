#include "gateway/decisions.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "foundation/records/key_record_dialect.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/outcome.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxUnknowns = 100;

// The payload of a compact token that the ledger holds; its signature was checked when it was
// written and is checked by `pawl verify`.
Result<json::Parsed> part_of(std::string_view token, std::size_t begin, std::size_t end) {
  if (begin == std::string_view::npos || end == std::string_view::npos) {
    return fail(Code::kMalformed, "not a compact token");
  }
  const Result<std::string> text = base64url_decode(token.substr(begin, end - begin));
  return text ? json::parse(*text) : Result<json::Parsed>(fail(text.error()));
}

Result<json::Parsed> payload_of(std::string_view token) {
  const std::size_t first = token.find('.');
  return part_of(token, first == token.npos ? first : first + 1, token.find('.', first + 1));
}

struct Header {
  std::string encoded, typ, kid;
};

// Many records in a row have one header: it is read when it changes.
const Header& header_of(std::string_view token) {
  thread_local Header last;
  const std::size_t end = token.find('.');
  if (token.substr(0, end) != last.encoded) {
    const Result<json::Parsed> read = part_of(token, 0, end);
    const auto text = [&](std::string_view name) {
      return std::string(read ? json::find_string(read->value, {name}).value_or("") : "");
    };
    last = {std::string(token.substr(0, end)), text("typ"), text("kid")};
  }
  return last;
}

std::int64_t number_of(const json::Value& value, std::string_view name) {
  const json::Value* number = json::find(value, {name});
  return number != nullptr && number->is_int64() ? number->get_int64() : 0;
}

// What does not fit was refused when it was written; in a log that others wrote it changes nothing.
void apply_key_record(Decisions& state, std::uint64_t index, const Header& header,
                      std::string_view act, const json::Value& payload) {
  const Result<std::optional<KeyRecord>> record = read_key_record_of(header.typ, act, payload);
  if (!record || !*record) {
    return;
  }
  const std::string& signer = header.kid;
  const Status applied =
      (*record)->what == KeyRecord::What::kOpened
          ? state.keys.begin(signer, number_of(payload, names::kClaimIat))
          : state.keys.apply(index, signer, number_of(payload, names::kClaimIat), **record);
  (void)applied;
}

std::string_view text_of(const json::Value& value) {
  return value.is_string() ? std::string_view(value.get_string()) : std::string_view{};
}

void keep_newest(std::vector<Uuid>& list, const Uuid& id, std::size_t most) {
  list.push_back(id);
  if (list.size() > most) {
    list.erase(list.begin());
  }
}

std::vector<Uuid> ids_of(const json::Value* list) {
  std::vector<Uuid> out;
  if (list != nullptr && list->is_array()) {
    for (const json::Value& item : list->get_array()) {
      if (const Result<Uuid> id = Uuid::parse(text_of(item))) {
        out.push_back(*id);
      }
    }
  }
  return out;
}

json::Array texts_of(const std::vector<Uuid>& ids) {
  json::Array out;
  for (const Uuid& id : ids) {
    out.emplace_back(id.text());
  }
  return out;
}

void apply_body(Decisions& state, std::string_view act, const json::Value& body, std::int64_t iat,
                const json::Value* pred) {
  if (act == kinds::kOverrideApplied) {
    const json::Value* stop = json::find(body, {"stop"});
    if (Result<override_::Stop> read = override_::read_stop(stop ? *stop : json::Value{})) {
      state.stops.apply_stop(*std::move(read));
    }
  } else if (act == kinds::kOverrideLifted) {
    for (const Uuid& id : ids_of(json::find(body, {"stops"}))) {
      state.stops.apply_lift(id);
      state.lifted.add(id, iat);
    }
  } else if (act == kinds::kIdentityRevoked) {
    const json::Value* revocation = json::find(body, {"revocation"});
    if (auto read = override_::read_revocation(revocation ? *revocation : json::Value{})) {
      state.revoked.apply(*std::move(read));
    }
  } else if (act == kinds::kIdentityRestored) {
    for (const Uuid& id : ids_of(json::find(body, {"revocations"}))) {
      state.revoked.lift(id);
      state.lifted.add(id, iat);
    }
  } else if (act == kinds::kUnknownResolved) {
    for (const Uuid& id : ids_of(pred)) {
      std::erase(state.unknowns, id);
    }
  } else if (act == kinds::kPolicyActivated) {
    state.policy_digest = json::find_string(body, {"digest"}).value_or("");
  }
}

}  // namespace

void Decisions::apply(std::uint64_t index, std::string_view token) {
  const Result<json::Parsed> payload = payload_of(token);
  if (!payload) {
    return;
  }
  const json::Value& value = payload->value;
  const Header& header = header_of(token);
  last_iat = std::max(last_iat, number_of(value, names::kClaimIat));
  const auto profile = text_in_extension(header.typ, value, {names::kExtProfile});
  const auto act = json::find_string(value, {names::kClaimExecAct});
  if (profile != names::kProfileUri || !act) {
    return;
  }
  const std::string member = std::string(names::kExtPrefix) + std::string(kinds::area(*act));
  const json::Value* body = in_extension(header.typ, value, {member});
  if (body == nullptr) {
    return;
  }
  const json::Value* parents = record_parents(header.typ, value);
  apply_body(*this, *act, *body, number_of(value, names::kClaimIat), parents);
  tasks.apply(*act, value, parents, *body);
  recorded.apply(*act, value, parents, *body);
  apply_key_record(*this, index, header, *act, value);
  if (json::find_string(*body, {"outcome"}) == outcome_name(Outcome::kUnknown)) {
    ++unknown_count;
    const auto jti = json::find_string(value, {names::kClaimJti});
    if (const Result<Uuid> id = Uuid::parse(jti.value_or(""))) {
      keep_newest(unknowns, *id, kMaxUnknowns);
    }
  }
}

void Decisions::apply_if_state(std::string_view kind, bool leaves_open, std::uint64_t index,
                               std::string_view token) {
  constexpr std::array kStateKinds = {
      kinds::kOverrideApplied, kinds::kOverrideLifted,  kinds::kPolicyActivated,
      kinds::kUnknownResolved, kinds::kTaskOutcome,     kinds::kLedgerOpened,
      kinds::kKeyActivated,    kinds::kKeyRetired,      kinds::kKeyCompromised,
      kinds::kIdentityRevoked, kinds::kIdentityRestored};
  if (leaves_open || RecordedState::has(kind) ||
      std::find(kStateKinds.begin(), kStateKinds.end(), kind) != kStateKinds.end()) {
    apply(index, token);
  }
}

std::string Decisions::print() const {
  json::Array stop_list;
  for (const override_::Stop& stop : stops.all()) {
    stop_list.emplace_back(override_::print_stop(stop));
  }
  json::Array revocations;
  for (const override_::Revocation& revocation : revoked.all()) {
    revocations.emplace_back(override_::print_revocation(revocation));
  }
  json::Object out;
  out["stops"] = std::move(stop_list);
  out["revoked"] = std::move(revocations);
  lifted.print_to(out);
  out["policy"] = policy_digest;
  out["last_iat"] = last_iat;
  out["unknown_count"] = static_cast<std::int64_t>(unknown_count);
  out["unknowns"] = texts_of(unknowns);
  out["tasks"] = tasks.print();
  out["keys"] = keys.print();
  recorded.print_to(out);
  return json::print(out);
}

namespace {

// Without the member, as older versions wrote it: nothing is revoked.
Status read_revoked(const json::Value* list, override_::RevokedSet& out) {
  const json::Array* items = list != nullptr ? list->if_array() : nullptr;
  for (const json::Value& item : items != nullptr ? *items : json::Array()) {
    Result<override_::Revocation> revocation = override_::read_revocation(item);
    if (!revocation) {
      return fail_at("decisions", revocation.error());
    }
    out.apply(*std::move(revocation));
  }
  return {};
}

}  // namespace

Result<Decisions> Decisions::read(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text);
  if (!parsed) {
    return fail_at("decisions", parsed.error());
  }
  const json::Value& value = parsed->value;
  const json::Value* stop_list = json::find(value, {"stops"});
  if (stop_list == nullptr || !stop_list->is_array() || json::find(value, {"lifted"}) == nullptr ||
      number_of(value, "last_iat") <= 0) {
    return fail(Code::kMalformed, "decisions: expected stops, lifted and last_iat");
  }
  Decisions out;
  for (const json::Value& item : stop_list->get_array()) {
    Result<override_::Stop> stop = override_::read_stop(item);
    if (!stop) {
      return fail_at("decisions", stop.error());
    }
    out.stops.apply_stop(*std::move(stop));
  }
  if (Status read = read_revoked(json::find(value, {"revoked"}), out.revoked); !read) {
    return fail(read.error());
  }
  out.lifted = override_::LiftedStops::read(value);
  out.policy_digest = json::find_string(value, {"policy"}).value_or("");
  out.last_iat = number_of(value, "last_iat");
  out.unknown_count = static_cast<std::uint64_t>(number_of(value, "unknown_count"));
  out.unknowns = ids_of(json::find(value, {"unknowns"}));
  out.tasks = FollowedTasks::read(json::find(value, {"tasks"}));
  Result<KeyValidity> keys = KeyValidity::read(json::find(value, {"keys"}));
  if (!keys) {
    return fail_at("decisions", keys.error());
  }
  out.keys = *std::move(keys);
  out.recorded = RecordedState::read(value);
  return out;
}

}  // namespace pawl
