#include "infrastructure/identity/delegation.h"

namespace pawl::identity {
namespace {

// Absent: empty. kMalformed: there, and no string, or empty.
Result<std::string> name_in(const json::Object& actor, std::string_view member) {
  const json::Value* value = actor.if_contains(member);
  if (value == nullptr) {
    return std::string();
  }
  if (!value->is_string() || value->get_string().empty()) {
    return fail(Code::kMalformed, "act: " + std::string(member) + " is not a name");
  }
  return std::string(value->get_string());
}

}  // namespace

Result<std::vector<Actor>> read_actors(const json::Value& payload) {
  std::vector<Actor> actors;
  std::size_t bytes = 0;
  const json::Value* act = json::find(payload, {"act"});
  for (; act != nullptr; act = json::find(*act, {"act"})) {
    if (!act->is_object()) {
      return fail(Code::kMalformed, "act is not an object");
    }
    Result<std::string> sub = name_in(act->get_object(), "sub");
    Result<std::string> iss = name_in(act->get_object(), "iss");
    if (!sub || !iss) {
      return fail(!sub ? sub.error() : iss.error());
    }
    if (sub->empty()) {
      return fail(Code::kMalformed, "act: sub is missing");
    }
    bytes += sub->size() + iss->size();
    if (actors.size() == kMaxActors || bytes > kMaxActorBytes) {
      return fail(Code::kMalformed, "act: expected at most " + std::to_string(kMaxActors) +
                                        " actors, whose names have " +
                                        std::to_string(kMaxActorBytes) + " bytes together");
    }
    actors.push_back({*std::move(iss), *std::move(sub)});
  }
  return actors;
}

}  // namespace pawl::identity
