// A request that a set of answers describes, made up from the predicates' own values; internal to
// foundation/rules.
//
// Purpose:    what a proof leaves open is tried: a request that shows the opposite ends the
//             question (wider_request.cc), one that two rules fit shows that they meet
//             (shadowed.cc). It is a guess: whoever uses it evaluates it.
// Threading:  plain value.
// Ownership:  facts() borrows the request.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "foundation/rules/narrowing_proof.h"

namespace pawl::rules {

inline constexpr std::size_t kSampleChoices = 3;  // of the values that one predicate names

class SampleRequest {
 public:
  // Of which the plain facts of `given` may hold; `choice`: which of the values that they name.
  SampleRequest(const Given& given, std::size_t choice);

  Facts facts() const;
  void set_verb(std::string_view verb);
  // {"tool":"refund","group":["support"],"arguments":{"amount":50}}: what is there.
  json::Object shown() const;

 private:
  void put(const Atom& atom, json::Value value);
  void put_argument(const std::vector<std::string>& path, json::Value value);

  std::array<std::string, kNameFields> names_{};
  std::vector<std::string> groups_;
  json::Value arguments_ = nullptr;
  bool has_arguments_ = false;
};

}  // namespace pawl::rules
