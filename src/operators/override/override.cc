#include "operators/override/override.h"

#include <algorithm>

namespace pawl::override_ {

const Stop* StopSet::covering(const Action& action, std::string_view domain) const {
  for (const Stop& stop : stops_) {
    if (covers(stop.scope, action, domain)) {
      return &stop;
    }
  }
  return nullptr;
}

const Stop* StopSet::covering(const Caller& caller, std::string_view server,
                              std::string_view domain) const {
  for (const Stop& stop : stops_) {
    if (covers(stop.scope, caller, server, domain)) {
      return &stop;
    }
  }
  return nullptr;
}

const Stop* StopSet::find(const Uuid& id) const {
  const auto found =
      std::find_if(stops_.begin(), stops_.end(), [&](const Stop& stop) { return stop.id == id; });
  return found == stops_.end() ? nullptr : &*found;
}

void StopSet::apply_stop(Stop stop) {
  if (find(stop.id) == nullptr) {
    stops_.push_back(std::move(stop));
  }
}

bool StopSet::apply_lift(const Uuid& stop_id) {
  return std::erase_if(stops_, [&](const Stop& stop) { return stop.id == stop_id; }) > 0;
}

json::Object print_stop(const Stop& stop) {
  json::Object out;
  out["id"] = stop.id.text();
  out["scope"] = stop.scope.text();
  out["reason"] = stop.reason;
  out["by"] = stop.by;
  out["at"] = stop.at.us;
  return out;
}

Result<Stop> read_stop(const json::Value& value) {
  const auto id = json::find_string(value, {"id"});
  const auto scope_text = json::find_string(value, {"scope"});
  const json::Value* at = json::find(value, {"at"});
  if (!id || !scope_text || at == nullptr || !at->is_int64()) {
    return fail(Code::kMalformed, "stop: expected id, scope and at");
  }
  const Result<Uuid> uuid = Uuid::parse(*id);
  if (!uuid) {
    return fail_at("stop", uuid.error());
  }
  Result<Scope> scope = parse_scope(*scope_text);
  if (!scope) {
    return fail_at("stop", scope.error());
  }
  return Stop{
      *uuid, *std::move(scope), std::string(json::find_string(value, {"reason"}).value_or("")),
      std::string(json::find_string(value, {"by"}).value_or("")), WallTime{at->get_int64()}};
}

}  // namespace pawl::override_
