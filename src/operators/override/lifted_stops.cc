#include "operators/override/lifted_stops.h"

#include <algorithm>

#include "operators/override/override_wire.h"

namespace pawl::override_ {
namespace {

// A statement is accepted up to the skew before it was made, and its stop was lifted later.
constexpr std::int64_t kReplayableSeconds = kMaxLifetimeSeconds + kSkewSeconds;

const json::Array* array_of(const json::Value& state, std::string_view name) {
  const json::Value* found = json::find(state, {name});
  return found != nullptr && found->is_array() ? &found->get_array() : nullptr;
}

}  // namespace

bool LiftedStops::contains(const Uuid& stop) const {
  return std::any_of(lifts_.begin(), lifts_.end(),
                     [&](const Lift& lift) { return lift.stop == stop; });
}

bool LiftedStops::room_for(std::size_t count, WallTime now) const {
  if (lifts_.size() + count <= kMost) {
    return true;
  }
  const std::size_t pushed_out = std::min(lifts_.size() + count - kMost, lifts_.size());
  return std::all_of(
      lifts_.begin(), lifts_.begin() + static_cast<std::ptrdiff_t>(pushed_out),
      [&](const Lift& lift) { return lift.at_seconds + kReplayableSeconds < now.seconds(); });
}

void LiftedStops::add(const Uuid& stop, std::int64_t at_seconds) {
  std::erase_if(lifts_, [&](const Lift& lift) { return lift.stop == stop; });
  lifts_.push_back({stop, at_seconds});
  if (lifts_.size() > kMost) {
    lifts_.erase(lifts_.begin());
  }
}

void LiftedStops::print_to(json::Object& out) const {
  json::Array stops;
  json::Array times;
  for (const Lift& lift : lifts_) {
    stops.emplace_back(lift.stop.text());
    times.emplace_back(lift.at_seconds);
  }
  out["lifted"] = std::move(stops);
  out["lifted_at"] = std::move(times);
}

LiftedStops LiftedStops::read(const json::Value& state) {
  LiftedStops out;
  const json::Array* stops = array_of(state, "lifted");
  const json::Array* times = array_of(state, "lifted_at");
  if (stops == nullptr) {
    return out;
  }
  const bool timed = times != nullptr && times->size() == stops->size();
  for (std::size_t i = 0; i < stops->size(); ++i) {
    const json::Value& text = (*stops)[i];
    const Result<Uuid> stop =
        Uuid::parse(text.is_string() ? std::string_view(text.get_string()) : std::string_view{});
    if (stop) {
      out.add(*stop, timed && (*times)[i].is_int64() ? (*times)[i].get_int64() : 0);
    }
  }
  return out;
}

}  // namespace pawl::override_
