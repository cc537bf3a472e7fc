#include "foundation/rules/glob_relation.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace pawl::rules {
namespace {

constexpr std::size_t kMaxWork = 2'000'000;  // steps between states; bounds the time
constexpr std::size_t kMaxStates = 20'000;

// A glob as states in a row; the one behind the last accepts.
class Automaton {
 public:
  using Place = std::uint32_t;
  using Places = std::vector<Place>;  // sorted, each once

  explicit Automaton(std::string_view glob) {
    for (std::size_t i = 0; i < glob.size();) {
      if (glob[i] != '*') {
        states_.push_back({Kind::kByte, static_cast<unsigned char>(glob[i++])});
        continue;
      }
      const std::size_t end = std::min(glob.find_first_not_of('*', i), glob.size());
      const bool is_deep = end - i >= 2;
      const bool is_folders =
          is_deep && end < glob.size() && glob[end] == '/' && (i == 0 || glob[i - 1] == '/');
      if (is_folders) {  // nothing, or anything that ends in "/"
        states_.push_back({Kind::kFolders, 0});
        states_.push_back({Kind::kInFolders, 0});
      } else {
        states_.push_back({is_deep ? Kind::kAny : Kind::kInFolder, 0});
      }
      i = is_folders ? end + 1 : end;
    }
  }

  Place accepting() const { return static_cast<Place>(states_.size()); }
  Places start() const { return closed({0}); }

  void bytes_into(std::bitset<256>& bytes) const {
    for (const State& state : states_) {
      if (state.kind == Kind::kByte) {
        bytes.set(state.byte);
      }
    }
  }

  Places after(const Places& places, unsigned char byte) const {
    Places out;
    for (const Place place : places) {
      if (place == accepting()) {
        continue;
      }
      const State& state = states_[place];
      switch (state.kind) {
        case Kind::kByte:
          if (state.byte == byte) {
            out.push_back(place + 1);
          }
          break;
        case Kind::kInFolder:
          if (byte != '/') {
            out.push_back(place);
          }
          break;
        case Kind::kAny:
          out.push_back(place);
          break;
        case Kind::kFolders:
        case Kind::kInFolders: {
          const Place inside = state.kind == Kind::kFolders ? place + 1 : place;
          out.push_back(inside);
          if (byte == '/') {
            out.push_back(inside + 1);
          }
          break;
        }
      }
    }
    return closed(std::move(out));
  }

 private:
  enum class Kind : std::uint8_t { kByte, kInFolder, kAny, kFolders, kInFolders };
  struct State {
    Kind kind;
    unsigned char byte;
  };

  // With the places that are reached without a byte.
  Places closed(Places places) const {
    for (std::size_t i = 0; i < places.size(); ++i) {
      const Place place = places[i];
      if (place == accepting()) {
        continue;
      }
      const Kind kind = states_[place].kind;
      if (kind == Kind::kInFolder || kind == Kind::kAny) {
        places.push_back(place + 1);
      } else if (kind == Kind::kFolders) {
        places.push_back(place + 2);
      }
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    return places;
  }

  std::vector<State> states_;
};

bool has(const Automaton::Places& places, Automaton::Place place) {
  return std::binary_search(places.begin(), places.end(), place);
}

// The bytes that either names, "/", and one that stands for all others.
std::vector<unsigned char> telling_bytes(const Automaton& a, const Automaton& b) {
  std::bitset<256> named;
  a.bytes_into(named);
  b.bytes_into(named);
  named.set('/');
  std::vector<unsigned char> out;
  bool has_other = false;
  for (std::size_t byte = 0; byte < named.size(); ++byte) {
    if (named[byte] || !has_other) {
      out.push_back(static_cast<unsigned char>(byte));
    }
    has_other = has_other || !named[byte];
  }
  return out;
}

// Walks all pairs of sets of places that one text reaches in both. False: `is_good` is not true of
// one of them, or the bound was met.
template <class IsGood>
bool holds_everywhere(const Automaton& a, const Automaton& b, const IsGood& is_good) {
  using Pair = std::pair<Automaton::Places, Automaton::Places>;
  const std::vector<unsigned char> bytes = telling_bytes(a, b);
  std::set<Pair> seen{{a.start(), b.start()}};
  std::vector<Pair> open(seen.begin(), seen.end());
  std::size_t work = 0;
  while (!open.empty()) {
    const Pair at = std::move(open.back());
    open.pop_back();
    if (!is_good(at.first, at.second)) {
      return false;
    }
    for (const unsigned char byte : bytes) {
      work += at.first.size() + at.second.size() + 1;
      if (work > kMaxWork || seen.size() > kMaxStates) {
        return false;
      }
      Pair next{a.after(at.first, byte), b.after(at.second, byte)};
      if (!next.first.empty() && seen.insert(next).second) {
        open.push_back(std::move(next));
      }
    }
  }
  return true;
}

}  // namespace

bool surely_within(std::string_view narrow, std::string_view wide) {
  if (narrow == wide || wide == "**") {
    return true;
  }
  const Automaton a(narrow);
  const Automaton b(wide);
  return holds_everywhere(a, b, [&](const auto& in_a, const auto& in_b) {
    return !has(in_a, a.accepting()) || has(in_b, b.accepting());
  });
}

bool surely_apart(std::string_view one, std::string_view other) {
  const Automaton a(one);
  const Automaton b(other);
  return holds_everywhere(a, b, [&](const auto& in_a, const auto& in_b) {
    return !has(in_a, a.accepting()) || !has(in_b, b.accepting());
  });
}

}  // namespace pawl::rules
