#include "operators/approval/usual_calls.h"

#include <algorithm>
#include <bitset>
#include <cmath>

#include "base/json_number.h"
#include "operators/approval/argument_leaves.h"

namespace pawl::approval {
namespace {

constexpr std::size_t kNone = kMostPlaces;

// The index of its place; kNone: there is no room for another.
std::size_t place_for(UsualCalls& usual, const std::string& place) {
  const auto found = std::find_if(usual.places.begin(), usual.places.end(),
                                  [&](const UsualPlace& one) { return one.place == place; });
  if (found == usual.places.end() && usual.places.size() == kMostPlaces) {
    return kNone;
  }
  const auto index = static_cast<std::size_t>(found - usual.places.begin());
  if (found == usual.places.end()) {
    usual.places.push_back({.place = place});
  }
  return index;
}

void learn_number(UsualPlace& place, ExactNumber number) {
  place.lowest = place.numbers == 0 ? number : std::min(place.lowest, number);
  place.highest = place.numbers == 0 ? number : std::max(place.highest, number);
  ++place.numbers;
}

// To the front of the newest.
void learn_text(UsualPlace& place, std::string text) {
  if (text.empty()) {
    place.varies = true;
    return;
  }
  std::vector<std::string>& newest = place.newest;
  auto found = std::find(newest.begin(), newest.end(), text);
  if (found == newest.end()) {
    if (newest.size() == kMostValues) {
      place.varies = true;
      newest.pop_back();
    }
    newest.push_back(std::move(text));
    found = newest.end() - 1;
  }
  std::rotate(newest.begin(), found, found + 1);
}

}  // namespace

void learn(UsualCalls& usual, const json::Value* arguments) {
  ++usual.calls;
  if (arguments == nullptr) {
    return;
  }
  std::bitset<kMostPlaces> seen;
  std::size_t looked_at = 0;
  walk_leaves(*arguments, Pointers::kWithout, [&](const Leaf& leaf) {
    const std::size_t at = leaf.has_place ? place_for(usual, leaf.place) : kNone;
    if (at == kNone) {
      usual.has_more_places = true;
    } else {
      UsualPlace& place = usual.places[at];
      place.calls += seen.test(at) ? 0 : 1;
      seen.set(at);
      if (leaf.value.is_number()) {
        learn_number(place, exact_number(leaf.value));
      } else {
        learn_text(place, kept_text(leaf.value));
      }
    }
    const bool is_enough = ++looked_at == kMostLearned;
    usual.has_more_places = usual.has_more_places || is_enough;
    return !is_enough;
  });
}

const UsualPlace* find_place(const UsualCalls& usual, const std::string& place) {
  const auto found = std::find_if(usual.places.begin(), usual.places.end(),
                                  [&](const UsualPlace& one) { return one.place == place; });
  return found == usual.places.end() ? nullptr : &*found;
}

std::size_t text_bytes(const std::string& text) {
  const bool is_inside = text.capacity() <= std::string().capacity();
  return sizeof(text) + (is_inside ? 0 : text.capacity() + 1);
}

std::size_t usual_bytes(const UsualCalls& usual) {
  std::size_t out = sizeof(usual) + usual.places.capacity() * sizeof(UsualPlace);
  for (const UsualPlace& place : usual.places) {
    out += text_bytes(place.place) - sizeof(std::string);
    for (const std::string& text : place.newest) {
      out += text_bytes(text);
    }
    out += (place.newest.capacity() - place.newest.size()) * sizeof(std::string);
  }
  return out;
}

ExactNumber exact_number(const json::Value& number) {
  return number.is_int64()    ? static_cast<ExactNumber>(number.get_int64())
         : number.is_uint64() ? static_cast<ExactNumber>(number.get_uint64())
         : number.is_double() ? static_cast<ExactNumber>(number.get_double())
                              : 0;
}

std::string number_text(ExactNumber number) {
  const auto least = static_cast<ExactNumber>(std::numeric_limits<std::int64_t>::min());
  const auto most = static_cast<ExactNumber>(std::numeric_limits<std::uint64_t>::max());
  if (number == std::floor(number) && number >= least && number <= most) {
    return number < 0 ? std::to_string(static_cast<std::int64_t>(number))
                      : std::to_string(static_cast<std::uint64_t>(number));
  }
  std::string out;
  json::append_number(out, static_cast<double>(number));  // it came from one
  return out;
}

std::string kept_text(const json::Value& value) {
  const boost::json::string* text = value.if_string();
  std::string out;
  if (text != nullptr && text->size() <= kMostValueBytes) {
    json::append_quoted(out, *text);
  } else if (text == nullptr && (value.is_bool() || value.is_null())) {
    out = value.is_null() ? "null" : value.get_bool() ? "true" : "false";
  } else if (text == nullptr) {
    out = value.is_object() ? "{}" : "[]";  // leaves have no parts
  }
  return out.size() <= kMostValueBytes ? out : "";
}

}  // namespace pawl::approval
