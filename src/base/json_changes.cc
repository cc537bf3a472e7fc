#include "base/json_changes.h"

#include <algorithm>
#include <utility>

namespace pawl::json {
namespace {

class Finder {
 public:
  explicit Finder(std::size_t most) : most_(most) {}

  void look(const std::string& at, const Value& from, const Value& to) {
    if (from == to || out_.size() >= most_) {
      return;
    }
    if (from.is_object() && to.is_object()) {
      look_into(at, from.get_object(), to.get_object());
    } else if (from.is_array() && to.is_array()) {
      look_into(at, from.get_array(), to.get_array());
    } else {
      note({at, &from, &to});
    }
  }
  std::vector<Change> take() { return std::move(out_); }

 private:
  void note(Change change) {
    if (out_.size() < most_) {
      out_.push_back(std::move(change));
    }
  }
  void look_into(const std::string& at, const Object& from, const Object& to) {
    for (const auto& [name, value] : from) {
      const std::string place = at + pointer_step(name);
      if (const Value* other = to.if_contains(name)) {
        look(place, value, *other);
      } else {
        note({place, &value, nullptr});
      }
    }
    for (const auto& [name, value] : to) {
      if (!from.contains(name)) {
        note({at + pointer_step(name), nullptr, &value});
      }
    }
  }
  void look_into(const std::string& at, const Array& from, const Array& to) {
    for (std::size_t i = 0; i < std::max(from.size(), to.size()); ++i) {
      const std::string place = at + "/" + std::to_string(i);
      if (i < from.size() && i < to.size()) {
        look(place, from[i], to[i]);
      } else {
        note({place, i < from.size() ? &from[i] : nullptr, i < to.size() ? &to[i] : nullptr});
      }
    }
  }

  const std::size_t most_;
  std::vector<Change> out_;
};

}  // namespace

std::string pointer_step(std::string_view name) {
  std::string out = "/";
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::vector<Change> changes(const Value& from, const Value& to, std::size_t most) {
  Finder finder(most);
  finder.look("", from, to);
  return finder.take();
}

}  // namespace pawl::json
