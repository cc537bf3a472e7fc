#include "operators/approval/argument_leaves.h"

#include "base/json_changes.h"

namespace pawl::approval {
namespace {

bool has_parts(const json::Value& value) {
  return (value.is_object() && !value.get_object().empty()) ||
         (value.is_array() && !value.get_array().empty());
}

class Walk {
 public:
  Walk(Pointers pointers, const std::function<bool(const Leaf&)>& on_leaf)
      : has_pointers_(pointers == Pointers::kWith), on_leaf_(on_leaf) {}

  // False: enough.
  bool look(const json::Value& value, std::size_t depth, bool has_place) {
    if (!has_parts(value) || depth == kMostDepth) {
      return depth == 0 || on_leaf_({place_, pointer_, value, has_place && !has_parts(value)});
    }
    if (const json::Array* list = value.if_array()) {
      bool goes_on = true;
      for (std::size_t i = 0; i < list->size() && goes_on; ++i) {
        goes_on = step({"/*", has_pointers_ ? "/" + std::to_string(i) : "", true}, (*list)[i],
                       depth, has_place);
      }
      return goes_on;
    }
    for (const auto& [name, inner] : value.get_object()) {
      if (!step(named(name), inner, depth, has_place)) {
        return false;
      }
    }
    return true;
  }

 private:
  struct Step {
    std::string place, pointer;
    bool fits = true;
  };

  Step named(std::string_view name) const {
    if (name.size() > kMostPlaceBytes && !has_pointers_) {
      return {"", "", false};
    }
    std::string pointer = json::pointer_step(name);
    const bool fits = name.size() <= kMostPlaceBytes;
    return {!fits ? "" : name == "*" ? "/~*" : pointer, has_pointers_ ? pointer : "", fits};
  }

  bool step(const Step& by, const json::Value& inner, std::size_t depth, bool has_place) {
    const std::size_t place = place_.size(), pointer = pointer_.size();
    const bool fits = has_place && by.fits && place + by.place.size() <= kMostPlaceBytes;
    place_ += fits ? by.place : "";
    pointer_ += by.pointer;
    const bool goes_on = look(inner, depth + 1, fits);
    place_.resize(place);
    pointer_.resize(pointer);
    return goes_on;
  }

  const bool has_pointers_;
  const std::function<bool(const Leaf&)>& on_leaf_;
  std::string place_, pointer_;
};

}  // namespace

void walk_leaves(const json::Value& arguments, Pointers pointers,
                 const std::function<bool(const Leaf&)>& on_leaf) {
  Walk(pointers, on_leaf).look(arguments, 0, true);
}

}  // namespace pawl::approval
