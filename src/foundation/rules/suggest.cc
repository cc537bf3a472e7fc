#include "foundation/rules/suggest.h"

#include <algorithm>

namespace pawl::rules {
namespace {

constexpr std::size_t kLongest = 40;

// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view nearest_word(std::string_view word, const std::vector<std::string_view>& known) {
  const std::string_view shown = word.substr(0, kLongest);
  std::string_view best;
  std::size_t least = std::max<std::size_t>(2, shown.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    if (const std::size_t d = distance(shown, candidate); d < std::min(least, shown.size())) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

std::string unknown_key(std::string_view key, const std::vector<std::string_view>& known) {
  std::string out = "unknown key \"" + std::string(key.substr(0, kLongest)) + "\"; ";
  if (const std::string_view best = nearest_word(key, known); !best.empty()) {
    return out + "did you mean \"" + std::string(best) + "\"?";
  }
  out += "expected one of ";
  for (std::size_t i = 0; i < known.size(); ++i) {
    out += (i == 0 ? "" : ", ") + std::string(known[i]);
  }
  return out;
}

}  // namespace pawl::rules
