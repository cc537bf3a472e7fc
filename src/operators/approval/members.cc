#include "operators/approval/members.h"

#include <limits>

namespace pawl::approval {
namespace {

const json::Value kNull;
const json::Array kNone;

}  // namespace

Members::Members(const json::Value& value, std::string_view of)
    : object_(value.if_object()), of_(of) {
  if (object_ == nullptr) {
    problem_ = "expected an object";
  }
}

bool Members::has(std::string_view name) const {
  return object_ != nullptr && object_->contains(name);
}

const json::Value* Members::take(std::string_view name) {
  const json::Value* found = object_ == nullptr ? nullptr : object_->if_contains(name);
  taken_ += found != nullptr ? 1 : 0;
  return found;
}

void Members::wrong(std::string_view name, std::string_view expected) {
  if (problem_.empty()) {
    problem_ = "expected " + std::string(name) + ": " + std::string(expected);
  }
}

std::string Members::text(std::string_view name) {
  const json::Value* found = take(name);
  if (found == nullptr || !found->is_string()) {
    wrong(name, "a string");
    return {};
  }
  return std::string(found->get_string());
}

std::int64_t Members::number(std::string_view name) {
  return number(name, std::numeric_limits<std::int64_t>::max());
}

std::int64_t Members::number(std::string_view name, std::int64_t most) {
  const json::Value* found = take(name);
  if (found == nullptr || !found->is_int64() || found->get_int64() < 0 ||
      found->get_int64() > most) {
    wrong(name, "an integer from 0 to " + std::to_string(most));
    return 0;
  }
  return found->get_int64();
}

std::size_t Members::name(std::string_view member, std::span<const std::string_view> names) {
  const std::string found = text(member);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == found) {
      return i;
    }
  }
  wrong(member, "one of its names");
  return 0;
}

bool Members::flag(std::string_view name) {
  const json::Value* found = take(name);
  if (found != nullptr && (!found->is_bool() || !found->get_bool())) {
    wrong(name, "true, or nothing");
    return false;
  }
  return found != nullptr;
}

Uuid Members::id(std::string_view name) {
  const std::string spelled = text(name);
  const Result<Uuid> id = Uuid::parse(spelled);
  if (!id || id->text() != spelled) {
    wrong(name, "a UUID in lower case");
    return {};
  }
  return *id;
}

std::optional<Uuid> Members::optional_id(std::string_view name) {
  return has(name) ? std::optional(id(name)) : std::nullopt;
}

std::vector<std::string> Members::texts(std::string_view name) {
  std::vector<std::string> out;
  for (const json::Value& one : array(name)) {
    if (!one.is_string()) {
      wrong(name, "an array of strings");
      return {};
    }
    out.emplace_back(one.get_string());
  }
  return out;
}

const json::Value& Members::value(std::string_view name) {
  const json::Value* found = take(name);
  if (found == nullptr) {
    wrong(name, "a value");
    return kNull;
  }
  return *found;
}

const json::Array& Members::array(std::string_view name) {
  const json::Value* found = take(name);
  if (found == nullptr || !found->is_array()) {
    wrong(name, "an array");
    return kNone;
  }
  return found->get_array();
}

Status Members::read() const {
  return problem_.empty() ? Status() : fail(Code::kMalformed, std::string(of_) + ": " + problem_);
}

Status Members::end() const {
  if (Status status = read(); !status) {
    return status;
  }
  if (object_ != nullptr && taken_ != object_->size()) {
    return fail(Code::kMalformed, std::string(of_) + ": a member that is not known");
  }
  return {};
}

}  // namespace pawl::approval
