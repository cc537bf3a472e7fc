// Random and hostile arguments: bounds hold, and what differs is what a plain comparison says.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "operators/approval/argument_leaves.h"
#include "operators/approval/usual_differences.h"
#include "tests/support/seeded_random.h"

namespace pawl::approval {
namespace {

class Arguments {
 public:
  explicit Arguments(std::uint64_t seed) : random_(seed) {}

  // Few names and values, so that calls are alike; `is_hostile`: many, long and deep ones.
  json::Value of_call(bool is_hostile) {
    json::Object out;
    const std::uint64_t members = is_hostile ? random_.below(60) : random_.below(5);
    for (std::uint64_t i = 0; i < members; ++i) {
      out[name(is_hostile)] = value(is_hostile, 1);
    }
    return json::Value(std::move(out));
  }

 private:
  std::string name(bool is_hostile) {
    const std::string one(1, static_cast<char>('a' + random_.below(6)));
    return !is_hostile || random_.coin() ? one : random_.bytes(random_.below(300));
  }
  json::Value value(bool is_hostile, std::size_t depth) {
    switch (random_.below(is_hostile ? 8 : 5)) {
      case 0:
        return json::Value(static_cast<std::int64_t>(random_.below(7)) - 3);
      case 1:
        return json::Value(random_.coin());
      case 2:
        return json::Value(std::string(1, static_cast<char>('p' + random_.below(4))));
      case 3:
        return json::Value(static_cast<double>(random_.below(9)) / 4);
      case 4:
        return json::Value(std::string("v") + std::to_string(random_.below(3)));
      case 5:
        return json::Value(std::string(random_.below(200), '"'));
      case 6:
        return json::Value(random_.next());
      default:
        break;
    }
    json::Array list;
    for (std::uint64_t i = 0; depth < 12 && i < random_.below(6); ++i) {
      list.push_back(random_.coin()
                         ? value(true, depth + 1)
                         : json::Value(json::Object{{name(true), value(true, depth + 1)}}));
    }
    return json::Value(std::move(list));
  }

  SeededRandom random_;
};

void check_bounds(const UsualCalls& usual) {
  ASSERT_LE(usual.places.size(), kMostPlaces);
  for (const UsualPlace& place : usual.places) {
    ASSERT_LE(place.place.size(), kMostPlaceBytes);
    ASSERT_LE(place.calls, usual.calls);
    ASSERT_LE(place.newest.size(), kMostValues);
    ASSERT_EQ(std::set<std::string>(place.newest.begin(), place.newest.end()).size(),
              place.newest.size());
    for (const std::string& text : place.newest) {
      ASSERT_LE(text.size(), kMostValueBytes);
      ASSERT_FALSE(text.empty());
    }
  }
  constexpr std::size_t kMostOfAPlace =
      2 * sizeof(UsualPlace) + kMostPlaceBytes * 2 + kMostValues * 2 * (64 + 2 * kMostValueBytes);
  ASSERT_LE(usual_bytes(usual), sizeof(usual) + kMostPlaces * kMostOfAPlace);
}

TEST(UsualCallsProperty, BoundsHoldForHostileArguments) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Arguments arguments(seed);
    UsualCalls usual;
    for (int i = 0; i < 60; ++i) {
      const json::Value call = arguments.of_call(true);
      learn(usual, &call);
      check_bounds(usual);
      const json::Value now = arguments.of_call(true);
      const Differences found = differences(usual, &now);
      ASSERT_LE(found.list.size(), kMostUnusual) << seed;
      const Differences same = differences(usual, &call);
      for (const Difference& one : same.list) {
        ASSERT_TRUE(one.varies || usual.has_more_places) << seed << " " << one.pointer;
      }
    }
  }
}

// What a place had in all calls, without bounds; the calls of this test stay within them.
struct Plain {
  std::size_t calls = 0;
  std::set<double> numbers;
  std::set<std::string> texts;
};

TEST(UsualCallsProperty, DifferencesAreThoseOfAPlainComparison) {
  std::size_t differed = 0, alike = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Arguments arguments(seed);
    SeededRandom random(seed);
    UsualCalls usual;
    std::map<std::string, Plain> plain;
    const std::uint64_t calls = 1 + random.below(20);
    for (std::uint64_t i = 0; i < calls; ++i) {
      const json::Value call = arguments.of_call(false);
      learn(usual, &call);
      for (const auto& [name, value] : call.get_object()) {
        Plain& place = plain["/" + std::string(name)];
        ++place.calls;
        value.is_number() ? place.numbers.insert(value.to_number<double>()).second
                          : place.texts.insert(json::print(value)).second;
      }
    }
    const json::Value now = arguments.of_call(false);
    std::set<std::pair<std::string, std::string>> expected;
    for (const auto& [name, value] : now.get_object()) {
      const std::string pointer = "/" + std::string(name);
      const auto place = plain.find(pointer);
      const bool has_numbers = place != plain.end() && !place->second.numbers.empty();
      if (place == plain.end()) {
        expected.emplace("new_place", pointer);
      } else if (value.is_number() && has_numbers) {
        const double number = value.to_number<double>();
        if (number < *place->second.numbers.begin() || number > *place->second.numbers.rbegin()) {
          expected.emplace("out_of_range", pointer);
        }
      } else if (value.is_number() || !place->second.texts.contains(json::print(value))) {
        expected.emplace("new_value", pointer);
      }
    }
    for (const auto& [pointer, place] : plain) {
      if (place.calls == calls && !now.get_object().contains(pointer.substr(1))) {
        expected.emplace("missing", pointer);
      }
    }
    std::set<std::pair<std::string, std::string>> found;
    for (const Difference& one : differences(usual, &now).list) {
      if (!one.varies || one.what != Unusual::kNewValue) {
        found.emplace(unusual_name(one.what), one.pointer);
      } else {
        expected.erase({"new_value", one.pointer});  // it may be known and pushed out
      }
    }
    EXPECT_EQ(found, expected) << seed << " " << json::print(now);
    ++(expected.empty() ? alike : differed);
  }
  EXPECT_GT(differed, 50u);
  EXPECT_GT(alike, 20u);
}

}  // namespace
}  // namespace pawl::approval
