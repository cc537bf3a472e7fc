#include "operators/approval/usual_differences.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "operators/approval/argument_leaves.h"

namespace pawl::approval {
namespace {

// Of one place: the items of a list share it, and the one that is furthest off is told.
enum class Way { kAbove, kBelow, kOther };

int rank_of(const Difference& one) {
  switch (one.what) {
    case Unusual::kOutOfRange:
      return 0;
    case Unusual::kNewValue:
      return one.varies ? 3 : 0;
    case Unusual::kNewPlace:
      return 1;
    case Unusual::kMissing:
      return 2;
  }
  return 3;
}

Difference at_place(Unusual what, const std::string& pointer, const UsualPlace& place) {
  Difference out{.what = what, .pointer = pointer, .seen = place.calls};
  if (place.numbers > 0) {
    out.lowest = number_text(place.lowest);
    out.highest = number_text(place.highest);
  }
  out.usual = place.newest;
  out.varies = place.varies;
  return out;
}

class Comparing {
 public:
  explicit Comparing(const UsualCalls& usual) : usual_(usual) {}

  bool look(const Leaf& leaf) {
    if (++looked_at_ > kMostCompared) {
      ++out_.not_compared;
      return false;
    }
    const UsualPlace* place = leaf.has_place ? find_place(usual_, leaf.place) : nullptr;
    if (place != nullptr) {
      present_.insert(place);
      look_at(leaf, *place);
    } else if (!leaf.has_place || usual_.has_more_places) {
      ++out_.not_compared;
    } else if (new_places_.size() < kMostNewPlaces && new_places_.insert(leaf.place).second) {
      out_.list.push_back(
          {.what = Unusual::kNewPlace, .pointer = leaf.pointer, .now = json::print(leaf.value)});
    } else {
      ++out_.more;
    }
    return true;
  }

  Differences finish() {
    out_.calls = usual_.calls;
    const bool saw_all = looked_at_ <= kMostCompared;
    for (const UsualPlace& place : usual_.places) {
      if (saw_all && place.calls == usual_.calls && !present_.contains(&place)) {
        out_.list.push_back(at_place(Unusual::kMissing, place.place, place));
      }
    }
    std::stable_sort(
        out_.list.begin(), out_.list.end(),
        [](const Difference& a, const Difference& b) { return rank_of(a) < rank_of(b); });
    if (out_.list.size() > kMostUnusual) {
      out_.more += out_.list.size() - kMostUnusual;
      out_.list.resize(kMostUnusual);
    }
    return std::move(out_);
  }

 private:
  struct Told {
    std::size_t index;
    ExactNumber number;
  };

  void look_at(const Leaf& leaf, const UsualPlace& place) {
    const bool is_number = leaf.value.is_number();
    const ExactNumber number = is_number ? exact_number(leaf.value) : 0;
    if (is_number && place.numbers > 0) {
      if (number > place.highest || number < place.lowest) {
        tell(number > place.highest ? Way::kAbove : Way::kBelow, Unusual::kOutOfRange, leaf, place,
             number);
      }
      return;
    }
    const std::string text = is_number ? "" : kept_text(leaf.value);
    const bool is_known = !text.empty() && std::find(place.newest.begin(), place.newest.end(),
                                                     text) != place.newest.end();
    if (!is_number && !is_known && place.newest.empty() && place.numbers == 0) {
      ++out_.not_compared;  // only values too long to be kept were there
    } else if (!is_known) {
      tell(Way::kOther, Unusual::kNewValue, leaf, place, number);
    }
  }

  void tell(Way way, Unusual what, const Leaf& leaf, const UsualPlace& place, ExactNumber number) {
    const auto [told, is_first] = told_.try_emplace({&place, way}, Told{out_.list.size(), number});
    if (is_first) {
      out_.list.push_back(at_place(what, leaf.pointer, place));
      out_.list.back().now = json::print(leaf.value);
      return;
    }
    ++out_.more;
    Told& before = told->second;
    if ((way == Way::kAbove && number > before.number) ||
        (way == Way::kBelow && number < before.number)) {
      before.number = number;
      out_.list[before.index].pointer = leaf.pointer;
      out_.list[before.index].now = json::print(leaf.value);
    }
  }

  const UsualCalls& usual_;
  Differences out_;
  std::size_t looked_at_ = 0;
  std::set<const UsualPlace*> present_;
  std::set<std::string> new_places_;
  std::map<std::pair<const UsualPlace*, Way>, Told> told_;
};

}  // namespace

std::string_view unusual_name(Unusual what) {
  constexpr std::array<std::string_view, 4> kNames = {"out_of_range", "new_value", "new_place",
                                                      "missing"};
  return kNames[static_cast<std::size_t>(what)];
}

Differences differences(const UsualCalls& usual, const json::Value* arguments) {
  if (usual.calls == 0) {
    return {};
  }
  Comparing comparing(usual);
  if (arguments != nullptr) {
    walk_leaves(*arguments, Pointers::kWith,
                [&](const Leaf& leaf) { return comparing.look(leaf); });
  }
  return comparing.finish();
}

}  // namespace pawl::approval
