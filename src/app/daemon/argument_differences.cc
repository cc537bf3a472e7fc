#include "app/daemon/argument_differences.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/json_changes.h"

namespace pawl {
namespace {

using Leaves = std::map<std::string, std::string>;  // JSON text by JSON Pointer

// As deep as the parser lets a text be.
void add_leaves(const json::Value& value, const std::string& pointer, Leaves& out) {
  const json::Object* object = value.if_object();
  const json::Array* array = value.if_array();
  if (out.size() > kMostLeaves) {
    return;
  }
  if (object != nullptr && !object->empty()) {
    for (const auto& [key, member] : *object) {
      add_leaves(member, pointer + json::pointer_step(key), out);
    }
  } else if (array != nullptr && !array->empty()) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      add_leaves((*array)[i], pointer + "/" + std::to_string(i), out);
    }
  } else {
    out.emplace(pointer, json::print(value));
  }
}

std::optional<Leaves> leaves_of(const std::string& params) {
  const Result<json::Parsed> parsed = json::parse(params);
  Leaves out;
  if (parsed) {
    add_leaves(parsed->value, "", out);
  }
  return parsed && out.size() <= kMostLeaves ? std::optional(std::move(out)) : std::nullopt;
}

const std::string* text_at(const Leaves& leaves, const std::string& pointer) {
  const auto found = leaves.find(pointer);
  return found == leaves.end() ? nullptr : &found->second;
}

// nullopt: the same everywhere.
std::optional<json::Object> difference_at(const std::string& pointer, const Leaves& now,
                                          const std::vector<Leaves>& before) {
  const std::string* here = text_at(now, pointer);
  json::Array texts;
  bool is_same = here != nullptr;
  for (const Leaves& one : before) {
    const std::string* there = text_at(one, pointer);
    is_same = is_same && there != nullptr && *here == *there;
    if (there != nullptr) {
      texts.emplace_back(*there);
    }
  }
  json::Object out{{"pointer", pointer}};
  if (here != nullptr) {
    out["now"] = *here;
  }
  out["before"] = std::move(texts);
  return is_same ? std::nullopt : std::optional(std::move(out));
}

}  // namespace

json::Object differences_of(const std::string& params, const std::vector<std::string>& others) {
  const std::optional<Leaves> now = leaves_of(params);
  std::vector<Leaves> before;
  for (const std::string& other : others) {
    if (std::optional<Leaves> leaves = leaves_of(other); leaves && before.size() < kMostAlike) {
      before.push_back(*std::move(leaves));
    }
  }
  if (!now || before.empty()) {
    return {};
  }
  std::set<std::string> pointers;
  const auto note = [&](const Leaves& leaves) {
    for (const auto& [pointer, text] : leaves) {
      pointers.insert(pointer);
    }
  };
  note(*now);
  std::for_each(before.begin(), before.end(), note);
  json::Array differs;
  std::int64_t more = 0;
  for (const std::string& pointer : pointers) {
    std::optional<json::Object> found = difference_at(pointer, *now, before);
    if (found && differs.size() < kMostShown) {
      differs.push_back(*std::move(found));
    } else {
      more += found ? 1 : 0;
    }
  }
  json::Object out;
  out["differs"] = std::move(differs);
  if (more > 0) {
    out["more"] = more;
  }
  return out;
}

}  // namespace pawl
