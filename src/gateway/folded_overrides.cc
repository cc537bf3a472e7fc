#include "gateway/folded_overrides.h"

#include "foundation/records/kinds.h"
#include "gateway/folded_record.h"

namespace pawl {
namespace {

const json::Value& member_of(const json::Value& body, std::string_view name) {
  static const json::Value nothing;
  const json::Value* found = json::find(body, {name});
  return found != nullptr ? *found : nothing;
}

// Without the member, as older versions wrote it: nothing is revoked.
Status read_revoked(const json::Value* list, override_::RevokedSet& out) {
  const json::Array* items = list != nullptr ? list->if_array() : nullptr;
  for (const json::Value& item : items != nullptr ? *items : json::Array()) {
    Result<override_::Revocation> revocation = override_::read_revocation(item);
    if (!revocation) {
      return fail(revocation.error());
    }
    out.apply(*std::move(revocation));
  }
  return {};
}

}  // namespace

bool FoldedOverrides::has(std::string_view kind) {
  return kind == kinds::kOverrideApplied || kind == kinds::kOverrideLifted ||
         kind == kinds::kIdentityRevoked || kind == kinds::kIdentityRestored;
}

void FoldedOverrides::apply(const FoldedRecord& record) {
  if (record.kind == kinds::kOverrideApplied) {
    if (auto stop = override_::read_stop(member_of(record.body, "stop"))) {
      stops.apply_stop(*std::move(stop));
    }
  } else if (record.kind == kinds::kOverrideLifted) {
    for (const Uuid& id : ids_in(json::find(record.body, {"stops"}))) {
      stops.apply_lift(id);
      lifted.add(id, record.iat);
    }
  } else if (record.kind == kinds::kIdentityRevoked) {
    if (auto revocation = override_::read_revocation(member_of(record.body, "revocation"))) {
      revoked.apply(*std::move(revocation));
    }
  } else if (record.kind == kinds::kIdentityRestored) {
    for (const Uuid& id : ids_in(json::find(record.body, {"revocations"}))) {
      revoked.lift(id);
      lifted.add(id, record.iat);
    }
  }
}

void FoldedOverrides::print_to(json::Object& out) const {
  json::Array stop_list;
  for (const override_::Stop& stop : stops.all()) {
    stop_list.emplace_back(override_::print_stop(stop));
  }
  json::Array revocations;
  for (const override_::Revocation& revocation : revoked.all()) {
    revocations.emplace_back(override_::print_revocation(revocation));
  }
  out["stops"] = std::move(stop_list);
  out["revoked"] = std::move(revocations);
  lifted.print_to(out);
}

Result<FoldedOverrides> FoldedOverrides::read(const json::Value& state) {
  const json::Value* stop_list = json::find(state, {"stops"});
  if (stop_list == nullptr || !stop_list->is_array() || json::find(state, {"lifted"}) == nullptr) {
    return fail(Code::kMalformed, "expected stops and lifted");
  }
  FoldedOverrides out;
  for (const json::Value& item : stop_list->get_array()) {
    Result<override_::Stop> stop = override_::read_stop(item);
    if (!stop) {
      return fail(stop.error());
    }
    out.stops.apply_stop(*std::move(stop));
  }
  if (Status read = read_revoked(json::find(state, {"revoked"}), out.revoked); !read) {
    return fail(read.error());
  }
  out.lifted = override_::LiftedStops::read(state);
  return out;
}

}  // namespace pawl
