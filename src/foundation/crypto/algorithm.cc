#include "foundation/crypto/algorithm.h"

namespace pawl {
namespace {

struct Row {
  std::string_view name;
  Algorithm algorithm;
  KeyKind kind;
};
// The first row of a kind is its default.
constexpr Row kRows[] = {
    {"ES256", Algorithm::kEs256, KeyKind::kP256},    {"ES384", Algorithm::kEs384, KeyKind::kP384},
    {"EdDSA", Algorithm::kEdDsa, KeyKind::kEd25519}, {"RS256", Algorithm::kRs256, KeyKind::kRsa},
    {"PS256", Algorithm::kPs256, KeyKind::kRsa},
};

}  // namespace

std::optional<Algorithm> parse_algorithm(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) {
      return row.algorithm;
    }
  }
  return std::nullopt;
}

std::vector<std::string> algorithm_names() {
  std::vector<std::string> out;
  for (const Row& row : kRows) {
    out.emplace_back(row.name);
  }
  return out;
}

KeyKind key_kind_of(Algorithm algorithm) {
  return kRows[static_cast<std::size_t>(algorithm)].kind;
}

std::string_view default_algorithm(KeyKind kind) {
  for (const Row& row : kRows) {
    if (row.kind == kind) {
      return row.name;
    }
  }
  return {};
}

}  // namespace pawl
